import type { Duplex } from 'node:stream';
import type { z } from 'zod';
import { GatewayError } from '../../errors.ts';
import { openWebSocketStream } from '../../platform/websocket-stream.ts';
import { mapInTurns } from '../map-in-turns.ts';
import type { RemoteAnswer, RemoteCall, RemoteHttp } from '../remote-http.ts';
import { whileWaited } from '../while-waited.ts';
import type { Credentials } from './credentials.ts';
import { titleOf } from './guest-state.ts';
import { type Subject, refusalOf } from './refusal.ts';
import {
  type Guest,
  type Permissions,
  type ProxyReply,
  configReply,
  guest,
  permissionsReply,
  proxyReply,
  resourcesReply,
  statusReply,
  taskReply,
} from './replies.ts';

export interface ProxmoxClientParts {
  readonly name: string;
  readonly http: RemoteHttp;
  readonly credentials: Credentials;
  /** Of the API, under which its WebSockets are, too. */
  readonly base: URL;
  readonly ca: string | undefined;
  readonly fingerprint: string | undefined;
}

type Signal = AbortSignal | undefined;
type About = Pick<Subject, 'guest' | 'node'>;

/** Proxmox VE's API, as far as consoles need it. */
export class ProxmoxClient {
  readonly #parts: ProxmoxClientParts;

  constructor(parts: ProxmoxClientParts) {
    this.#parts = parts;
  }

  /** All guests of the cluster. `unreadable` is told how many say nothing of use. */
  async guests(unreadable: (count: number) => void, signal: Signal): Promise<Guest[]> {
    const query = { type: 'vm' };
    const path = '/cluster/resources';
    const { data } = await this.#ask(resourcesReply, path, {}, { query, signal });
    const read = await mapInTurns(data, (one) => guest.safeParse(one).data);
    const guests = read.filter((one) => one !== undefined);
    if (guests.length < data.length) unreadable(data.length - guests.length);
    return guests;
  }

  /** What the account or the token may do, and where. */
  async permissions(signal: Signal): Promise<Permissions> {
    return (await this.#ask(permissionsReply, '/access/permissions', {}, { signal })).data;
  }

  /** How the gateway signs in, for sentences. */
  get account(): Credentials['what'] {
    return this.#parts.credentials.what;
  }

  /** As its node says it now: what the list says may be some seconds old. */
  async refreshed(known: Guest, signal: Signal): Promise<Guest> {
    const path = `${pathOf(known)}/status/current`;
    const { data } = await this.#ask(statusReply, path, subjectOf(known), { signal });
    const { status, qmpstatus, lock, name = known.name, tags = known.tags } = data;
    const now = status === 'running' ? (qmpstatus ?? status) : status;
    return { ...known, status: now, lock, name, tags };
  }

  async config(known: Guest, signal: Signal): Promise<Readonly<Record<string, unknown>>> {
    const path = `${pathOf(known)}/config`;
    return (await this.#ask(configReply, path, subjectOf(known), { signal })).data;
  }

  /** Lets one connection in by WebSocket, within 10 s: to the screen, or to a terminal. */
  async proxy(
    known: Guest,
    which: 'vncproxy' | 'termproxy',
    fields: Readonly<Record<string, string>>,
    signal: Signal,
  ): Promise<ProxyReply> {
    const path = `${pathOf(known)}/${which}`;
    return (await this.#ask(proxyReply, path, subjectOf(known), post(fields, signal))).data;
  }

  /**
   * What such a proxy leads to.
   *
   * @throws GatewayError `target_unreachable`, `target_refused`, `target_certificate_refused`
   */
  async socket(known: Guest, { port, ticket }: ProxyReply, signal: AbortSignal): Promise<Duplex> {
    const { name, base, ca, fingerprint } = this.#parts;
    const url = new URL(`${base.pathname}${pathOf(known)}/vncwebsocket`, base);
    url.protocol = base.protocol === 'https:' ? 'wss:' : 'ws:';
    url.search = new URLSearchParams({ port: String(port), vncticket: ticket }).toString();
    const title = `${name}: the console of ${titleOf(known)}`;
    const headers = await this.#credentials(signal);
    return openWebSocketStream(url, { name: title, headers, ca, fingerprint, signal });
  }

  /** Told, not done: what comes of it is in a task's log. */
  async command(known: Guest, word: string, signal: Signal): Promise<void> {
    const path = `${pathOf(known)}/status/${word}`;
    await this.#ask(taskReply, path, subjectOf(known), post({}, signal));
  }

  close(): Promise<void> {
    return this.#parts.http.close();
  }

  async #ask<T extends z.ZodType>(
    schema: T,
    path: string,
    about: About,
    call: RemoteCall,
  ): Promise<z.output<T>> {
    const { name, http, credentials } = this.#parts;
    const answer = await this.#call(path, call);
    const { what } = credentials;
    if (answer.status >= 300) throw refusalOf({ name, what, ...about }, answer);
    return http.parse(schema, answer);
  }

  /** A ticket that is not taken any more is followed by another, once. */
  async #call(path: string, call: RemoteCall): Promise<RemoteAnswer> {
    const { http, credentials } = this.#parts;
    for (let renewed = false; ; renewed = true) {
      const own = await this.#credentials(call.signal);
      const answer = await http.call(path, { ...call, headers: { ...own, ...call.headers } });
      if (answer.status !== 401 || renewed || !(await credentials.renew(own))) return answer;
    }
  }

  /** A sign-in is shared, and goes on where one of those who wait has gone. */
  async #credentials(signal: Signal): Promise<Readonly<Record<string, string>>> {
    const { name, credentials } = this.#parts;
    try {
      return await whileWaited(credentials.headers(), signal);
    } catch (cause) {
      if (!signal?.aborted) throw cause;
      const message = `${name} was not waited for any more`;
      throw new GatewayError('provider_unavailable', message, { cause });
    }
  }
}

/** Where the API has a guest. */
function pathOf({ node, type, vmid }: Guest): string {
  return `/nodes/${node}/${type}/${vmid}`;
}

function subjectOf(known: Guest): About {
  return { guest: titleOf(known), node: known.node };
}

function post(fields: Readonly<Record<string, string>>, signal: Signal): RemoteCall {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString(),
    signal,
  };
}
