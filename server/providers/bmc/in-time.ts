import { GatewayError } from '../../errors.ts';

/**
 * What a BMC is asked, limited in time.
 *
 * @param name with which the sentence begins.
 * @throws GatewayError `bmc_unavailable` when the time, in ms, is over.
 */
export async function inTime<T>(
  ms: number,
  outer: AbortSignal | undefined,
  name: string,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = AbortSignal.timeout(ms);
  try {
    return await run(outer ? AbortSignal.any([outer, limit]) : limit);
  } catch (cause) {
    if (!limit.aborted || outer?.aborted) throw cause;
    throw new GatewayError('bmc_unavailable', `${name} does not answer in time`, { cause });
  }
}
