import { GatewayError } from '../../errors.ts';

/** A BMC has understood, and cannot, or not now. */
export class Declined extends Error {}

/** Whether a BMC answered in order that it cannot do this. */
export function isDeclined(error: unknown): error is GatewayError {
  return error instanceof GatewayError && error.cause instanceof Declined;
}

/** Where a BMC cannot do what was to be switched, that is told as such. */
export async function orPowerUnavailable<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (!isDeclined(error)) throw error;
    throw new GatewayError('power_unavailable', error.message, { cause: error });
  }
}
