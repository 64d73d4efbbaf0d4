import {
  BrokenCircuitError,
  BulkheadRejectedError,
  ConsecutiveBreaker,
  ExponentialBackoff,
  type IPolicy,
  bulkhead,
  circuitBreaker,
  handleWhen,
  retry,
  wrap,
} from 'cockatiel';
import { GatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { checkedEndpoint, checkedMachine, checkedMachines } from './checked-machines.ts';
import type { Provider } from './provider.ts';

export interface GuardLimits {
  /** Longest time of each call. ms */
  readonly list: number;
  readonly get: number;
  /** Also of `file` and of a link's token. A controller may start a browser for a console. */
  readonly resolve: number;
  readonly power: number;
  /** Calls at once, and calls that wait for them. */
  readonly concurrent: number;
  readonly waiting: number;
  /** Failures in a row after which it is not asked for `pause`. ms */
  readonly failures: number;
  readonly pause: number;
  /** Time before the first retry; the next ones wait longer. ms */
  readonly backOff: number;
}

export const GUARD_LIMITS: GuardLimits = {
  ...{ list: 180_000, get: 10_000, resolve: 120_000, power: 30_000 },
  ...{ concurrent: 32, waiting: 128 },
  ...{ failures: 5, pause: 10_000, backOff: 250 },
};

/** Tries after the first one, of what changes nothing. */
const LIST_RETRIES = 2;
const GET_RETRIES = 1;

class Late extends Error {}

/**
 * A provider that can hurt nobody: each call has its time, only so many run at once, one that does
 * not answer is left alone for a while, and what it returns is looked at. What changes nothing is
 * tried again. Whatever it does, the caller gets a GatewayError.
 */
export function guardProvider(provider: Provider, log: Logger, limits = GUARD_LIMITS): Provider {
  const { id, links, media } = provider;
  const calls = new GuardedCalls(id, log, limits);
  const power = provider.power?.bind(provider);
  const boot = provider.boot?.bind(provider);
  const identify = provider.identify?.bind(provider);
  const file = provider.file?.bind(provider);
  return {
    id,
    list: async (outer) =>
      checkedMachines(id, await calls.list(outer, (signal) => provider.list(signal))),
    get: async (machine, outer) =>
      checkedMachine(
        id,
        machine,
        await calls.again(limits.get, outer, (signal) => provider.get(machine, signal)),
      ),
    resolve: async (request) => {
      const endpoint = await calls.once(
        limits.resolve,
        request.signal,
        (signal) => provider.resolve({ ...request, signal }),
        (late) => late.release(),
      );
      return checkedEndpoint(id, endpoint);
    },
    ...(power && {
      power: (machine, action, outer) =>
        calls.once(limits.power, outer, (signal) => power(machine, action, signal)),
    }),
    ...(boot && {
      boot: (machine, device, outer) =>
        calls.once(limits.power, outer, (signal) => boot(machine, device, signal)),
    }),
    ...(identify && {
      identify: (machine, on, outer) =>
        calls.once(limits.power, outer, (signal) => identify(machine, on, signal)),
    }),
    ...(file && {
      file: (machine, outer) =>
        calls.once(limits.resolve, outer, (signal) => file(machine, signal)),
    }),
    ...(media && {
      media: {
        drives: (machine, outer) =>
          calls.once(limits.power, outer, (signal) => media.drives(machine, signal)),
        insert: (machine, wanted, outer) =>
          calls.once(limits.resolve, outer, (signal) => media.insert(machine, wanted, signal)),
        eject: (machine, drive, outer) =>
          calls.once(limits.resolve, outer, (signal) => media.eject(machine, drive, signal)),
      },
    }),
    ...(links && {
      links: {
        ...{ user: links.user, readOnly: links.readOnly },
        machineOf: (token) => calls.once(limits.get, undefined, () => links.machineOf(token)),
      },
    }),
    stop: async () => provider.stop?.(),
  };
}

type Run<T> = (signal: AbortSignal) => Promise<T>;

class GuardedCalls {
  readonly #id: string;
  readonly #limits: GuardLimits;
  readonly #listing: IPolicy;
  readonly #asking: IPolicy;
  readonly #repeating: IPolicy;

  constructor(id: string, log: Logger, limits: GuardLimits) {
    this.#id = id;
    this.#limits = limits;
    const breaker = circuitBreaker(handleWhen(isFailure), {
      halfOpenAfter: limits.pause,
      breaker: new ConsecutiveBreaker(limits.failures),
    });
    breaker.onBreak(() => log.warn({ provider: id }, 'provider is not asked for a while'));
    breaker.onReset(() => log.info({ provider: id }, 'provider answers again'));
    const places = bulkhead(limits.concurrent, limits.waiting);
    this.#asking = wrap(places, breaker);
    this.#repeating = wrap(places, breaker, retrying(GET_RETRIES, limits.backOff));
    // It runs alone, and its own rhythm is pause enough; so large a call says little of small ones.
    this.#listing = retrying(LIST_RETRIES, limits.backOff);
  }

  list<T>(outer: AbortSignal | undefined, run: Run<T>): Promise<T> {
    return this.#execute(this.#listing, this.#limits.list, outer, run);
  }

  again<T>(limit: number, outer: AbortSignal | undefined, run: Run<T>): Promise<T> {
    return this.#execute(this.#repeating, limit, outer, run);
  }

  /** @param onLate gets what comes when nobody waits for it any more. */
  once<T>(
    limit: number,
    outer: AbortSignal | undefined,
    run: Run<T>,
    onLate?: (late: T) => unknown,
  ): Promise<T> {
    return this.#execute(this.#asking, limit, outer, run, onLate);
  }

  async #execute<T>(
    policy: IPolicy,
    limit: number,
    outer: AbortSignal | undefined,
    run: Run<T>,
    onLate?: (late: T) => unknown,
  ): Promise<T> {
    outer?.throwIfAborted();
    try {
      return await policy.execute(() => this.#inTime(limit, outer, run, onLate));
    } catch (error) {
      if (error instanceof BrokenCircuitError) {
        const pause = Math.ceil(this.#limits.pause / 1000);
        const what = 'has not answered for a while and is not asked for some seconds';
        throw this.#unavailable(what, error, pause);
      }
      if (error instanceof BulkheadRejectedError) {
        throw this.#unavailable('has too many calls to answer already', error);
      }
      throw error;
    }
  }

  /** A provider that looks at no signal is left behind. */
  async #inTime<T>(
    limit: number,
    outer: AbortSignal | undefined,
    run: Run<T>,
    onLate: (late: T) => unknown = () => undefined,
  ): Promise<T> {
    outer?.throwIfAborted();
    const abort = new AbortController();
    let giveUp: (reason: unknown) => void = () => undefined;
    const over = new Promise<never>((_resolve, reject) => {
      giveUp = (reason) => {
        reject(reason instanceof Error ? reason : new Error('aborted', { cause: reason }));
        abort.abort(reason);
      };
    });
    const timer = setTimeout(() => {
      giveUp(this.#unavailable('does not answer in time', new Late(`${limit} ms are over`)));
    }, limit);
    const cancel = (): void => giveUp(outer?.reason);
    outer?.addEventListener('abort', cancel);
    try {
      const running = run(abort.signal);
      running.then((late) => abort.signal.aborted && onLate(late)).catch(() => undefined);
      return await Promise.race([running, over]);
    } finally {
      clearTimeout(timer);
      outer?.removeEventListener('abort', cancel);
    }
  }

  #unavailable(what: string, cause: unknown, retryAfter?: number): GatewayError {
    const message = `${this.#id} ${what}`;
    const after = retryAfter === undefined ? {} : { retryAfter };
    return new GatewayError('provider_unavailable', message, { cause, ...after });
  }
}

function retrying(maxAttempts: number, backOff: number): IPolicy {
  const backoff = new ExponentialBackoff({ initialDelay: backOff, maxDelay: 20 * backOff });
  return retry(handleWhen(mayPass), { maxAttempts, backoff });
}

function isFailure(error: Error): boolean {
  return error instanceof GatewayError && error.status === 'provider_unavailable';
}

/** Not what has taken all its time already, nor what says itself when to come again. */
function mayPass(error: Error): boolean {
  const { cause, retryAfter } = error as GatewayError;
  return isFailure(error) && !(cause instanceof Late) && retryAfter === undefined;
}
