import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { logBook } from '../support/log-book.ts';
import { Bucket, type BucketSize } from './hetzner/bucket.ts';
import { CATALOGUE, Cloud, type SimulatedServer } from './hetzner/cloud.ts';
import { ConsoleDoor } from './hetzner/console-door.ts';
import { Refusal, invalidInput, notFound } from './hetzner/refusal.ts';
import { type ServerTls, startLoopbackHttp } from './loopback-http.ts';

/** What the next answers can be in the place of the right ones. */
export type CloudFault =
  | 'hang'
  | 'half'
  | 'html'
  | 'nonsense'
  | 'server_error'
  | 'bad_gateway'
  | 'conflict'
  | 'rate_limit';

export interface HetznerOptions {
  readonly rate?: BucketSize;
  readonly tls?: ServerTls;
}

const MOST_PER_PAGE = 50;

/**
 * Hetzner's cloud API as its documentation and its official clients have it: bearer tokens, paging,
 * rate limit, states, locks, error shapes, and consoles by WebSockets whose URL is good once.
 */
export class HetznerSimulator {
  readonly token = logBook.secret(randomBytes(32).toString('hex'));
  /** A token of the same project that may only look. */
  readonly readOnlyToken = logBook.secret(randomBytes(32).toString('hex'));
  readonly cloud = new Cloud();
  readonly door = new ConsoleDoor();
  readonly bucket: Bucket;
  /** `GET /servers` and so on, in the order in which they came. */
  readonly calls: string[] = [];
  readonly url: string;
  readonly #faults: CloudFault[] = [];
  readonly #stop: () => unknown;

  static async start({ rate, tls }: HetznerOptions = {}): Promise<HetznerSimulator> {
    const { server, origin, stop } = await startLoopbackHttp(tls);
    const simulator = new HetznerSimulator(`${origin}/v1`, rate, () => {
      simulator.door.cut();
      stop();
    });
    server.on('request', (request, response) => void simulator.#answer(request, response));
    server.on('upgrade', (request, socket, head) =>
      simulator.door.handleUpgrade(request, socket, head),
    );
    return simulator;
  }

  private constructor(url: string, rate: BucketSize | undefined, stop: () => unknown) {
    this.url = url;
    this.bucket = new Bucket(rate ?? { limit: 3600, perSecond: 1 });
    this.#stop = stop;
  }

  /** So many of the next answers go wrong. */
  fail(fault: CloudFault, times = 1): void {
    for (let left = times; left > 0; left -= 1) this.#faults.push(fault);
  }

  /** Ends what faults are left. */
  mend(): void {
    this.#faults.length = 0;
  }

  stop(): void {
    this.#stop();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const path = url.pathname.replace(/^\/v1/, '');
    this.calls.push(`${request.method} ${path}`);
    const send = (status: number, body: object | null): void => {
      response.writeHead(status, { 'content-type': 'application/json', ...this.bucket.headers });
      response.end(body && JSON.stringify(body));
    };
    try {
      this.#authorize(request);
      this.bucket.take();
      const body = await readBody(request);
      const fault = this.#faults.shift();
      if (fault) {
        FAULTS[fault](response, send);
        return;
      }
      const [status, answer] = await this.#route(
        request.method ?? 'GET',
        path,
        url.searchParams,
        body,
      );
      send(status, answer);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      send(error.status, error.body);
    }
  }

  #authorize({ method, headers, url = '' }: IncomingMessage): void {
    if (!url.startsWith('/v1/')) throw notFound('path');
    const { authorization } = headers;
    if (authorization === `Bearer ${this.token}`) return;
    if (authorization !== `Bearer ${this.readOnlyToken}`) {
      throw new Refusal(401, 'unauthorized', 'unable to authenticate');
    }
    if (method !== 'GET') throw new Refusal(403, 'token_readonly', 'token is only allowed to read');
  }

  async #route(
    method: string,
    path: string,
    query: URLSearchParams,
    body: Record<string, unknown> | null,
  ): Promise<[number, object | null]> {
    const { cloud } = this;
    const [, resource = '', id, actions, command, ...rest] = path.split('/');
    if (rest.length > 0) throw notFound('path');
    if (resource === 'actions' && method === 'GET') return this.#actions(id, query);
    if (method === 'GET' && id === undefined && resource in CATALOGUE) {
      const items: readonly { name: string }[] = CATALOGUE[resource as keyof typeof CATALOGUE];
      return [200, page(resource, items.filter(named(query)), query)];
    }
    if (resource !== 'servers') throw notFound('path');
    if (id === undefined) {
      if (method === 'POST') return this.#create(body);
      if (method !== 'GET') throw notFound('path');
      const servers = cloud.servers.filter(named(query)).filter(labelled(query));
      return [200, page('servers', servers.map(serverView), query)];
    }
    const server = cloud.server(Number(id));
    if (actions === undefined) {
      if (method === 'DELETE') return [200, { action: cloud.delete(server) }];
      if (method === 'PUT') {
        if (!body) throw new Refusal(400, 'json_error', 'invalid JSON');
        if ('labels' in body) cloud.relabel(server, body['labels']);
      }
      return [200, { server: serverView(server) }];
    }
    if (method !== 'POST' || actions !== 'actions') throw notFound('path');
    if (command !== 'request_console') return [201, { action: cloud.power(server, command ?? '') }];
    if (server.status === 'off') throw new Refusal(422, 'server_not_started', 'server is off');
    const action = cloud.act(server, 'request_console');
    const { query: door, password } = await this.door.issue(server.id, server.peer);
    const wss = new URL(this.url.replace(/^http/, 'ws'));
    return [201, { action, wss_url: `${wss.origin}/?${door}`, password }];
  }

  #create(body: Record<string, unknown> | null): [number, object] {
    if (!body) throw new Refusal(400, 'json_error', 'invalid JSON');
    const { server, action } = this.cloud.create(body);
    const root_password = logBook.secret(randomBytes(12).toString('hex'));
    return [201, { server: serverView(server), action, next_actions: [], root_password }];
  }

  #actions(id: string | undefined, query: URLSearchParams): [number, object] {
    if (id === undefined) {
      const items = this.cloud.actions(query.getAll('id').map(Number));
      return [200, page('actions', items, query)];
    }
    const [action] = this.cloud.actions([Number(id)]);
    if (!action) throw notFound('action');
    return [200, { action }];
  }
}

type Send = (status: number, body: object | null) => void;

const FAULTS: Readonly<Record<CloudFault, (response: ServerResponse, send: Send) => void>> = {
  hang: () => undefined,
  half: (response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
    response.write('{"servers": [', () => response.destroy());
  },
  html: (response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end('<!DOCTYPE html><title>Sign in</title>');
  },
  nonsense: (_response, send) => send(200, { servers: [{ id: 'one', name: null }] }),
  server_error: (_response, send) =>
    send(500, new Refusal(500, 'server_error', 'an error occurred').body),
  bad_gateway: (response) => {
    response.writeHead(502, { 'content-type': 'text/html' });
    response.end('<html><h1>502 Bad Gateway</h1></html>');
  },
  conflict: (_response, send) => send(409, new Refusal(409, 'conflict', 'try again').body),
  rate_limit: (_response, send) =>
    send(429, new Refusal(429, 'rate_limit_exceeded', 'limit of requests reached').body),
};

/** @throws Refusal for a body that is no JSON, or is not said to be. */
async function readBody(request: IncomingMessage): Promise<Record<string, unknown> | null> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  if (text === '') return null;
  if (!request.headers['content-type']?.startsWith('application/json')) {
    throw new Refusal(415, 'unsupported_media_type', 'expected application/json');
  }
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new Refusal(400, 'json_error', 'invalid JSON');
  }
}

function named(query: URLSearchParams): (item: { readonly name: string }) => boolean {
  const name = query.get('name');
  return (item) => name === null || item.name === name;
}

/** `key` and `key=value`, parted by commas. */
function labelled(query: URLSearchParams): (server: SimulatedServer) => boolean {
  const wanted = (query.get('label_selector') ?? '').split(',').filter(Boolean);
  return ({ labels }) =>
    wanted.every((selector) => {
      const [key = '', value] = selector.split(/==?/);
      return Object.hasOwn(labels, key) && (value === undefined || labels[key] === value);
    });
}

function page(key: string, items: readonly object[], query: URLSearchParams): object {
  const [number, size] = [query.get('page') ?? '1', query.get('per_page') ?? '25'].map(Number);
  if (!number || !(number >= 1)) throw invalidInput('page', 'must be at least 1');
  if (!size || !(size >= 1 && size <= MOST_PER_PAGE)) {
    throw invalidInput('per_page', `must be between 1 and ${MOST_PER_PAGE}`);
  }
  const last = Math.max(1, Math.ceil(items.length / size));
  return {
    [key]: items.slice((number - 1) * size, number * size),
    meta: {
      pagination: {
        page: number,
        per_page: size,
        previous_page: number > 1 ? number - 1 : null,
        next_page: number < last ? number + 1 : null,
        last_page: last,
        total_entries: items.length,
      },
    },
  };
}

function serverView(server: SimulatedServer): object {
  const { id, name, status, labels, created, type, image, datacenter } = server;
  const find = (items: readonly { name: string }[], wanted: string): object | undefined =>
    items.find((item) => item.name === wanted);
  return {
    id,
    name,
    status,
    created,
    labels,
    public_net: {
      ipv4: { id, ip: `192.0.2.${id % 250}`, blocked: false, dns_ptr: `${name}.example` },
      ipv6: { id, ip: `2001:db8:${id.toString(16)}::/64`, blocked: false, dns_ptr: [] },
      floating_ips: [],
      firewalls: [],
    },
    private_net: [],
    server_type: find(CATALOGUE.server_types, type),
    image: find(CATALOGUE.images, image),
    datacenter: find(CATALOGUE.datacenters, datacenter),
    iso: null,
    rescue_enabled: false,
    locked: false,
    backup_window: null,
    protection: { delete: false, rebuild: false },
    volumes: [],
    load_balancers: [],
    primary_disk_size: 40,
    placement_group: null,
  };
}
