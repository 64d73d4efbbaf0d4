import * as z from 'zod/mini';
import { bootDevice } from './hardware.ts';
import { action, openRequirements } from './policy.ts';
import { powerAction } from './power.ts';
import { providerView } from './provider.ts';

/** `terminal` is a terminal that a hypervisor gives, `sol` the serial line that a BMC gives. */
export const CONSOLE_KINDS = ['vnc', 'rdp', 'ssh', 'telnet', 'terminal', 'kvm', 'sol'] as const;
export const consoleKind = z.enum(CONSOLE_KINDS);
export type ConsoleKind = z.infer<typeof consoleKind>;

export const POWER_STATES = ['on', 'off', 'paused', 'changing', 'unknown'] as const;
export const powerState = z.enum(POWER_STATES);
export type PowerState = z.infer<typeof powerState>;

/** A machine as the API shows it to one caller. `id` is `<provider>:<local id>`. */
export const machineView = z.object({
  id: z.string(),
  name: z.string(),
  provider: z.string(),
  type: z.enum(['vm', 'server']),
  location: z.string(),
  power: powerState,
  /** The kinds that the caller may open. */
  consoles: z.array(consoleKind),
  /** What the caller may do on it. */
  actions: z.array(action),
  /** What the caller has to bring to open a console. */
  requires: openRequirements,
  /** What the caller may switch here and now. */
  powerActions: z.array(powerAction),
  /** What the caller may have it start from once. */
  bootDevices: z.array(bootDevice),
  /** Whether the caller may make its light blink. */
  identify: z.boolean(),
  /** Whether the caller may put disk images into it. */
  media: z.boolean(),
  /** Why no console of it opens now; null where they open. */
  state: z.nullable(z.string()),
  labels: z.array(z.string()),
  addresses: z.array(z.string()),
  /** Its provider does not answer now: this is how it was. */
  stale: z.boolean(),
  /** When it was so. */
  staleSince: z.nullable(z.iso.datetime()),
  /** Whether the caller may have a file for a native client here and now. */
  consoleFile: z.boolean(),
  /** Its screen is SPICE alone, which no console shows. */
  onlySpice: z.boolean(),
});
export type MachineView = z.infer<typeof machineView>;

/** How a machine is, and what the caller may have done to it here and now. */
export const machineControls = z.pick(machineView, {
  ...{ power: true, powerActions: true, bootDevices: true, identify: true, media: true },
});
export type MachineControls = z.infer<typeof machineControls>;

export const machineList = z.object({
  items: z.array(machineView),
  next: z.nullable(z.string()),
  /** Where the machines come from; for staff, to others none. */
  providers: z.array(providerView),
});
export type MachineList = z.infer<typeof machineList>;

/** Query of `GET /machines`. `cursor` is the `next` of the page before. */
export const machineQuery = z.strictObject({
  q: z.optional(z.string().check(z.maxLength(200))),
  provider: z.optional(z.string().check(z.maxLength(64))),
  location: z.optional(z.string().check(z.maxLength(64))),
  limit: z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(200)), 50),
  cursor: z.optional(z.string().check(z.maxLength(512))),
});
export type MachineQuery = z.infer<typeof machineQuery>;
