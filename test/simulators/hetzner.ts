import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { logBook } from '../support/log-book.ts';
import { type CommonFault, Faults } from './faults.ts';
import { Bucket, type BucketSize } from './hetzner/bucket.ts';
import { CATALOGUE, Cloud, type SimulatedServer } from './hetzner/cloud.ts';
import { ConsoleDoor } from './hetzner/console-door.ts';
import { Refusal, invalidInput, notFound } from './hetzner/refusal.ts';
import { type Certificate, RemoteServer } from './remote-server.ts';

/** What the next answers can be in the place of the right ones. */
export type CloudFault = CommonFault | OwnFault;
type OwnFault = 'nonsense' | 'bad_gateway' | 'conflict';

export interface HetznerOptions {
  readonly rate?: BucketSize;
  /** Speaks TLS with it. */
  readonly tls?: Certificate;
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
  /** Lets nobody in, by no token. */
  refusesAll = false;
  readonly remote: RemoteServer;
  readonly faults: Faults<OwnFault>;

  static async start({ rate, tls }: HetznerOptions = {}): Promise<HetznerSimulator> {
    const remote = await RemoteServer.start(tls);
    const simulator = new HetznerSimulator(remote, rate);
    remote.server.on('request', (request, response) => void simulator.#answer(request, response));
    remote.server.on('upgrade', (request, socket, head) =>
      simulator.door.handleUpgrade(request, socket, head),
    );
    return simulator;
  }

  private constructor(remote: RemoteServer, rate: BucketSize | undefined) {
    this.remote = remote;
    this.url = `${remote.origin}/v1`;
    this.bucket = new Bucket(rate ?? { limit: 3600, perSecond: 1 });
    this.faults = new Faults<OwnFault>({
      type: 'application/json',
      begins: '{"servers": [',
      own: spoilsOf((response, status, body) => this.#send(response, status, body)),
    });
  }

  stop(): void {
    this.door.cut();
    this.remote.stop();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const path = url.pathname.replace(/^\/v1/, '');
    this.calls.push(`${request.method} ${path}`);
    try {
      this.#authorize(request);
      this.bucket.take();
      const body = await readBody(request);
      if (await this.faults.spoil(response)) return;
      const [status, answer] = await this.#route(
        request.method ?? 'GET',
        path,
        url.searchParams,
        body,
      );
      this.#send(response, status, answer);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#send(response, error.status, error.body);
    }
  }

  #send(response: ServerResponse, status: number, body: object | null): void {
    response.writeHead(status, { 'content-type': 'application/json', ...this.bucket.headers });
    response.end(body && JSON.stringify(body));
  }

  #authorize({ method, headers, url = '' }: IncomingMessage): void {
    if (!url.startsWith('/v1/')) throw notFound('path');
    const { authorization } = headers;
    const isReader = authorization === `Bearer ${this.readOnlyToken}`;
    const isWriter = authorization === `Bearer ${this.token}`;
    if (this.refusesAll || (!isReader && !isWriter)) {
      throw new Refusal(401, 'unauthorized', 'unable to authenticate');
    }
    if (isReader && method !== 'GET')
      throw new Refusal(403, 'token_readonly', 'token is only allowed to read');
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

type Send = (response: ServerResponse, status: number, body: object) => void;

function spoilsOf(send: Send) {
  const refuse = (status: number, code: string, message: string) => (response: ServerResponse) =>
    send(response, status, new Refusal(status, code, message).body);
  return {
    nonsense: (response: ServerResponse) =>
      send(response, 200, { servers: [{ id: 'one', name: null }] }),
    bad_gateway: (response: ServerResponse) =>
      void response
        .writeHead(502, { 'content-type': 'text/html' })
        .end('<html><h1>502 Bad Gateway</h1></html>'),
    conflict: refuse(409, 'conflict', 'try again'),
    server_error: refuse(500, 'server_error', 'an error occurred'),
    too_many: refuse(429, 'rate_limit_exceeded', 'limit of requests reached'),
  };
}

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
