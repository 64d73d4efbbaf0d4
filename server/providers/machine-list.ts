import { z } from 'zod';

/** Of one provider. More is a remote that has gone wrong, or that wants to fill the gateway. */
export const MOST_MACHINES = 50_000;

export const TOO_MANY_MACHINES = `more than ${MOST_MACHINES} machines`;

/** What a remote lists in one answer. They are counted before any of them is looked at. */
export function machineList<T extends z.ZodType>(entry: T) {
  return z.array(z.unknown()).max(MOST_MACHINES, { error: TOO_MANY_MACHINES }).pipe(z.array(entry));
}
