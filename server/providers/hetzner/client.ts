import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { z } from 'zod';
import { GatewayError } from '../../errors.ts';
import type { Secret } from '../../secret.ts';
import type { Rate, RateLimit } from '../provider-context.ts';
import type { RemoteAnswer, RemoteCall, RemoteHttp } from '../remote-http.ts';
import { type CloudFailure, failureOf, faultOf } from './failure.ts';

export interface CloudClientParts {
  /** Whose errors these are: the provider's id. */
  readonly name: string;
  readonly http: RemoteHttp;
  readonly base: URL;
  readonly token: Secret;
  readonly rate: Rate;
  readonly rateLimit: RateLimit;
}

export interface CloudCall extends RemoteCall {
  /** Told each time when the cloud's limit makes the call wait. */
  readonly onWait?: (() => void) | undefined;
  /** Whatever else runs on the server is soon over: it is tried again. */
  readonly whileLocked?: true;
  /** How long it is worth to wait for the cloud's limit. ms */
  readonly patience?: number | undefined;
}

/** Somebody who looks at a page waits that long for the cloud's limit. ms */
const PATIENCE_MS = 30_000;
/** As the official client has them: these are over soon. */
const PASSING: ReadonlySet<string> = new Set(['conflict', 'rate_limit_exceeded', 'timeout']);
const PASSING_STATUS: ReadonlySet<number> = new Set([502, 504]);
const RETRIES = 4;
const FIRST_PAUSE_MS = 300;

/**
 * The cloud's API: every call waits its turn in the limit that all replicas share, and is repeated
 * where the cloud says that it is only busy.
 */
export class CloudClient {
  readonly #parts: CloudClientParts;
  /** Whatever calls with this token is counted together. */
  readonly #account: string;

  constructor(parts: CloudClientParts) {
    this.#parts = parts;
    const { base, token } = parts;
    const hash = createHash('sha256').update(`${base.href}\n${token.reveal()}`).digest('hex');
    this.#account = `hetzner:${hash.slice(0, 24)}`;
  }

  /**
   * What a call answers, by its schema; undefined where the cloud says that there is no such thing.
   *
   * @throws GatewayError `provider_unavailable`, `provider_refused`, and what `failureOf` makes of the
   * cloud's other codes.
   */
  async ask<T extends z.ZodType>(
    schema: T,
    path: string,
    call: CloudCall = {},
  ): Promise<z.output<T> | undefined> {
    const { name, http } = this.#parts;
    for (let tries = 0; ; tries += 1) {
      const answer = await this.#call(path, call);
      if (answer.status < 300) return http.parse(schema, answer);
      const failure = failureOf(answer);
      if (failure.code === 'not_found') return undefined;
      const waits = isPassing(failure) || (call.whileLocked && failure.code === 'locked');
      if (tries === RETRIES || !waits) throw faultOf(name, failure);
      // Half of it by chance: else all who were refused together come back together.
      const pause = FIRST_PAUSE_MS * 2 ** tries * (0.5 + Math.random() / 2);
      await setTimeout(pause, undefined, call.signal && { signal: call.signal });
    }
  }

  async close(): Promise<void> {
    await this.#parts.http.close();
  }

  async #call(path: string, call: CloudCall): Promise<RemoteAnswer> {
    const { name, http, token, rate, rateLimit } = this.#parts;
    const { onWait, whileLocked: _tried, patience = PATIENCE_MS, signal, ...rest } = call;
    try {
      await rateLimit.take(this.#account, rate, {
        signal,
        most: patience,
        ...(onWait && { onWait: () => onWait() }),
      });
    } catch (cause) {
      if (!(cause instanceof GatewayError) || cause.status !== 'provider_unavailable') throw cause;
      const { retryAfter } = cause;
      const message = `${name}: the cloud's limit of calls is used up for now`;
      const options = retryAfter === undefined ? { cause } : { cause, retryAfter };
      throw new GatewayError('provider_unavailable', message, options);
    }
    let left: number | null = null;
    try {
      const answer = await http.call(path, {
        ...rest,
        signal,
        headers: {
          authorization: `Bearer ${token.reveal()}`,
          ...(rest.body !== undefined && { 'content-type': 'application/json' }),
          ...rest.headers,
        },
      });
      left = leftBy(answer);
      return answer;
    } finally {
      await rateLimit.atMost(this.#account, rate, left);
    }
  }
}

/** Calls that are left by the cloud's own count: the project's other clients use up the same. */
function leftBy({ status, headers }: RemoteAnswer): number | null {
  const said = Number(headers['ratelimit-remaining'] ?? Number.NaN);
  if (status === 429) return 0;
  return Number.isFinite(said) ? said : null;
}

function isPassing({ code, status }: CloudFailure): boolean {
  return PASSING.has(code) || PASSING_STATUS.has(status);
}
