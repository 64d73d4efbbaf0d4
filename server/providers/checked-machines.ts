import { z } from 'zod';
import { BOOT_DEVICES, CONSOLE_KINDS, POWER_ACTIONS, POWER_STATES } from '../contract/index.ts';
import { GatewayError } from '../errors.ts';
import { GUACD_PROTOCOLS, type Endpoint, ID_PATTERN, type ProviderMachine } from './provider.ts';

const machine = z.object({
  id: z.string().regex(ID_PATTERN),
  name: z.string(),
  type: z.enum(['vm', 'server']),
  location: z.string(),
  power: z.enum(POWER_STATES),
  consoles: z.array(z.enum(CONSOLE_KINDS)),
  powerActions: z.array(z.enum(POWER_ACTIONS)).optional(),
  bootDevices: z.array(z.enum(BOOT_DEVICES)).optional(),
  identify: z.boolean().optional(),
  media: z.boolean().optional(),
  file: z.boolean().optional(),
  onlySpice: z.boolean().optional(),
  owner: z.string().nullable(),
  state: z.string().optional(),
  labels: z.array(z.string()).optional(),
  addresses: z.array(z.string()).optional(),
});
const machines = z.array(machine);

const endpoint = z.object({
  protocol: z.enum(GUACD_PROTOCOLS),
  host: z.string().min(1),
  port: z.int().min(1).max(65_535),
  parameters: z.record(z.string(), z.string()),
});

/**
 * What a provider gave, as machines; what else it gave is left out.
 *
 * @throws GatewayError `provider_unavailable` for anything but a list of machines with ids of their
 * own. All of it is refused: half a list looks as if the other half were gone.
 */
export function checkedMachines(provider: string, given: unknown): readonly ProviderMachine[] {
  const { data, error } = machines.safeParse(given);
  if (!data) throw nonsense(provider, error);
  const ids = new Set(data.map(({ id }) => id));
  if (ids.size !== data.length) throw nonsense(provider, 'two machines have the same id');
  return data as readonly ProviderMachine[];
}

/** The machine of this id, or none. @throws GatewayError `provider_unavailable` */
export function checkedMachine(
  provider: string,
  id: string,
  given: unknown,
): ProviderMachine | undefined {
  if (given === undefined) return undefined;
  const { data, error } = machine.safeParse(given);
  if (!data) throw nonsense(provider, error);
  if (data.id !== id) throw nonsense(provider, 'it gave another machine than it was asked for');
  return data as ProviderMachine;
}

/** The endpoint itself. @throws GatewayError `provider_unavailable` */
export function checkedEndpoint(provider: string, given: Endpoint): Endpoint {
  const { success, error } = endpoint.safeParse(given);
  if (!success) throw nonsense(provider, error);
  return given;
}

/** No value is told: it may be a secret. */
function nonsense(provider: string, what: z.ZodError | string): GatewayError {
  const where = typeof what === 'string' ? what : what.issues[0]?.path.join('.');
  const message = `${provider} returns nonsense: ${where || 'not what was asked for'}`;
  return new GatewayError('provider_unavailable', message);
}
