import type { z } from 'zod';
import { GatewayError } from '../../../errors.ts';
import type { RemoteAnswer, RemoteCall, RemoteHttp } from '../../remote-http.ts';
import { faultOf } from './fault.ts';
import type { RedfishSession } from './session.ts';

export interface RedfishClientParts {
  readonly name: string;
  readonly http: RemoteHttp;
  readonly session: RedfishSession;
}

type Signal = AbortSignal | undefined;

/** Calls of a BMC's Redfish service. What it refuses is a row of the status table: see fault.ts. */
export class RedfishClient {
  readonly #parts: RedfishClientParts;

  constructor(parts: RedfishClientParts) {
    this.#parts = parts;
  }

  async get<T extends z.ZodType>(schema: T, path: string, signal: Signal): Promise<z.output<T>> {
    return this.#parts.http.parse(schema, await this.#call(path, { signal }));
  }

  /** @throws GatewayError as told of a refusal; `power_unavailable` and the like are the caller's. */
  post(path: string, body: object, signal: Signal): Promise<RemoteAnswer> {
    return this.#call(path, json('POST', body, signal));
  }

  /** Changes a resource as it is now: some BMCs take no change without its ETag. */
  async patch(path: string, body: object, signal: Signal): Promise<void> {
    const { etag } = (await this.#call(path, { signal })).headers;
    const call = json('PATCH', body, signal);
    const ifMatch = typeof etag === 'string' ? { 'if-match': etag } : {};
    await this.#call(path, { ...call, headers: { ...call.headers, ...ifMatch } });
  }

  async delete(path: string, signal: Signal): Promise<void> {
    await this.#call(path, { method: 'DELETE', signal });
  }

  async #call(path: string, call: RemoteCall): Promise<RemoteAnswer> {
    const { name, http, session } = this.#parts;
    for (let renewed = false; ; renewed = true) {
      const pass = await session.pass(call.signal);
      const headers = { ...pass.headers, 'odata-version': '4.0', ...call.headers };
      const answer = await http.call(path, { ...call, headers });
      if (answer.status < 300) return answer;
      if (answer.status !== 401 || pass.location === undefined) throw faultOf(name, answer);
      if (renewed) {
        const message = `${name} does not take the session that it has just begun`;
        throw new GatewayError('provider_refused', message);
      }
      // A BMC that has restarted knows its sessions no more.
      await session.forget(pass);
    }
  }
}

function json(method: 'POST' | 'PATCH', body: object, signal: Signal) {
  const headers = { 'content-type': 'application/json' };
  return { method, headers, body: JSON.stringify(body), signal } as const;
}
