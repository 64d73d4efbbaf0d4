import type { StatusCode } from '../../contract/index.ts';
import { GatewayError } from '../../errors.ts';

/** A BMC has understood, and cannot, or not now. */
export class Declined extends Error {}

/** Whether a BMC answered in order that it cannot do this. */
export function isDeclined(error: unknown): error is GatewayError {
  return error instanceof GatewayError && error.cause instanceof Declined;
}

/** Where a BMC cannot do what was asked, that is this row. */
export async function orElse<T>(asked: Promise<T>, status: StatusCode): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (!isDeclined(error)) throw error;
    throw new GatewayError(status, error.message, { cause: error });
  }
}

export function orPowerUnavailable<T>(asked: Promise<T>): Promise<T> {
  return orElse(asked, 'power_unavailable');
}
