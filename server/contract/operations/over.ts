import type { StatusCode } from '../status.ts';

/** What a call says to a console that is over: why it is. */
export const OVER = [
  'console_expired',
  'console_idle',
  'console_ended',
  'console_killed',
  'console_failed',
] as const satisfies readonly StatusCode[];

/** What a viewer is told whose shared link is over. */
export const LINK_OVER = [
  'share_expired',
  'share_revoked',
] as const satisfies readonly StatusCode[];
