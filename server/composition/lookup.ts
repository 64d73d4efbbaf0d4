import {
  CUSTOMER_LOOKUPS,
  LOOKUP_WINDOW_MS,
  MachineLookup,
  type MachineLookupParts,
  STAFF_LOOKUPS,
} from '../api/machine-lookup.ts';
import { TryLimit } from '../platform/try-limit.ts';
import type { Base } from './base.ts';

/** The way from an id to a machine, with what bounds it at all replicas together. */
export function machineLookup(
  { redis }: Pick<Base, 'redis'>,
  parts: Omit<MachineLookupParts, 'customerTries' | 'staffTries'>,
): MachineLookup {
  const limit = (name: string, tries: number): TryLimit =>
    new TryLimit(redis, { name, tries, windowMs: LOOKUP_WINDOW_MS });
  return new MachineLookup({
    ...parts,
    customerTries: limit('lookup', CUSTOMER_LOOKUPS),
    staffTries: limit('staff-lookup', STAFF_LOOKUPS),
  });
}
