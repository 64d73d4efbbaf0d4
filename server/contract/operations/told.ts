import type { StatusCode } from '../status.ts';

/** Seconds: a BMC has 28 for it, after the gateway has asked how its server is. */
export const TOLD_WITHIN = 60;

/** What a server can be refused for that is told something. */
export const TOLD = [
  'forbidden',
  'machine_not_found',
  'power_unavailable',
  'provider_refused',
  'provider_unavailable',
  'bmc_unavailable',
] as const satisfies readonly StatusCode[];

/** What drives can be refused for. */
export const MEDIA = [
  'forbidden',
  'machine_not_found',
  'media_unavailable',
  'bmc_license_missing',
  'provider_refused',
  'provider_unavailable',
  'bmc_unavailable',
] as const satisfies readonly StatusCode[];
