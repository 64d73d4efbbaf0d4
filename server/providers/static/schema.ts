import { z } from 'zod';
import { GUACD_PROTOCOLS, type GuacdProtocol } from '../provider.ts';
import { GUACD_PARAMETERS, RESERVED_PARAMETERS } from '../guacd-parameters.ts';
import { configId, secret, strict, unique } from '../config-fields.ts';

/** A guacd parameter's value as YAML has it; guacd itself knows only strings. */
const parameterValue = z.union([z.string(), z.number(), z.boolean()]).transform(String);

function parameters(protocol: GuacdProtocol) {
  return z.record(z.string(), parameterValue).superRefine((values, context) => {
    for (const name of Object.keys(values)) {
      const advice = RESERVED_PARAMETERS[name];
      if (advice !== undefined) {
        context.addIssue({
          code: 'custom',
          path: [name],
          message: `is set by the gateway: ${advice}`,
        });
      } else if (!GUACD_PARAMETERS[protocol].has(name)) {
        context.addIssue({
          code: 'custom',
          path: [name],
          message: `is no parameter of guacd's ${protocol}`,
        });
      }
    }
  });
}

const DEFAULT_PORT: Readonly<Record<GuacdProtocol, number>> = {
  vnc: 5900,
  rdp: 3389,
  ssh: 22,
  telnet: 23,
};

function consoleOf<P extends GuacdProtocol>(protocol: P) {
  return strict({
    host: z.string().min(1),
    port: z.int().min(1).max(65_535).default(DEFAULT_PORT[protocol]),
    username: z.string().optional(),
    password: secret().optional(),
    params: parameters(protocol).default({}),
  });
}

const consoles = strict({
  vnc: consoleOf('vnc').optional(),
  rdp: consoleOf('rdp').optional(),
  ssh: consoleOf('ssh')
    .extend({ privateKey: secret().optional(), passphrase: secret().optional() })
    .optional(),
  telnet: consoleOf('telnet').optional(),
}).refine((kinds) => GUACD_PROTOCOLS.some((kind) => kinds[kind]), {
  message: `expected at least one of ${GUACD_PROTOCOLS.join(', ')}`,
});

/** `broadcast` is where the magic packet goes: 10.0.0.255 reaches a network that is not our own. */
const wakeOnLan = strict({
  mac: z
    .string()
    .regex(/^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i, { error: 'expected a MAC, aa:bb:cc:dd:ee:ff' }),
  broadcast: z
    .union([z.ipv4(), z.ipv6()], { error: 'expected an IP address' })
    .default('255.255.255.255'),
  port: z.int().min(1).max(65_535).default(9),
});

const staticMachine = strict({
  id: configId(),
  name: z.string().min(1).max(200).optional(),
  type: z.enum(['vm', 'server']).default('server'),
  owner: z.string().min(1).optional(),
  location: z.string().min(1).optional(),
  /** What it is sorted by, as `name` or `name=value`. */
  labels: z.array(z.string().min(1).max(200)).default([]),
  wakeOnLan: wakeOnLan.optional(),
  consoles,
});

export const staticConfig = strict({
  id: configId(),
  type: z.literal('static'),
  machines: z.array(staticMachine).superRefine(unique('id')),
});
export type StaticConfig = z.infer<typeof staticConfig>;
export type StaticMachine = z.infer<typeof staticMachine>;
