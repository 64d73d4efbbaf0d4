import * as z from 'zod/mini';

/**
 * `off` and `reset` are hard, `shutdown` and `reboot` ask the system, `cycle` is off and on again,
 * `suspend` keeps what runs for the next `on`.
 */
export const POWER_ACTIONS = [
  'on',
  'off',
  'reset',
  'cycle',
  'shutdown',
  'reboot',
  'suspend',
  'nmi',
] as const;
export const powerAction = z.enum(POWER_ACTIONS);
export type PowerAction = z.infer<typeof powerAction>;

/** Body of `POST /machines/{id}/power` and `POST /consoles/{id}/power`. */
export const powerRequest = z.strictObject({ action: powerAction });

/** Their answer, 202: the machine has been told, not more. */
export const powerAnswer = z.object({ machine: z.string(), action: powerAction });
export type PowerAnswer = z.infer<typeof powerAnswer>;
