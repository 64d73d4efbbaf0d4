import type { StatusCode } from '../status.ts';

/** Seconds: a BMC has 28 for it, after the gateway has asked how its server is. */
export const TOLD_WITHIN = 60;

/** What keeps a BMC from being asked at all. */
export const BMC_FAULTS = [
  'bmc_unavailable',
  'bmc_account_locked',
  'bmc_slots_full',
  'bmc_license_missing',
  'bmc_redirected',
  'target_certificate_refused',
] as const satisfies readonly StatusCode[];

/** What a server can be refused for that is told something. */
export const TOLD = [
  'forbidden',
  'machine_not_found',
  'power_unavailable',
  'provider_refused',
  'provider_unavailable',
  ...BMC_FAULTS,
] as const satisfies readonly StatusCode[];

/** What drives can be refused for. */
export const MEDIA = [
  'forbidden',
  'machine_not_found',
  'media_unavailable',
  'provider_refused',
  'provider_unavailable',
  ...BMC_FAULTS,
] as const satisfies readonly StatusCode[];
