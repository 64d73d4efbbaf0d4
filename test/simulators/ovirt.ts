import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { makeCertificate } from '../support/certificate.ts';
import { logBook } from '../support/log-book.ts';
import { type CommonFault, Faults } from './faults.ts';
import { EngineVm, type EngineVmOptions, HOST_ID } from './ovirt/engine-vm.ts';
import { Refusal } from './ovirt/refusal.ts';
import { readSearch } from './ovirt/search.ts';
import { RemoteServer } from './remote-server.ts';

/** What the next answers can be in the place of the right ones. */
export type EngineFault = CommonFault | OwnFault;
type OwnFault = keyof typeof SPOILS;

export interface OvirtOptions {
  /** How numbers and booleans are written in JSON: by its version the engine does either. */
  readonly numbers?: 'json' | 'strings';
  /** PEM of what signs the hosts' certificates; none: the engine does not show it. */
  readonly hostCa?: string;
  /** The account is no administrator. */
  readonly userLevel?: boolean;
}

/** What something in between says in the engine's place. */
function proxyPage(status: number) {
  return (response: ServerResponse) =>
    void response
      .writeHead(status, { 'content-type': 'text/html' })
      .end(`<html><head><title>${status}</title></head><body>squid</body></html>`);
}

const API = '/ovirt-engine/api';
const FORM = 'application/x-www-form-urlencoded';

const JSON_TYPE = { 'content-type': 'application/json' };
const SPOILS = {
  nonsense: (response: ServerResponse) =>
    void response.writeHead(200, JSON_TYPE).end('{"vm":"many","id":7}'),
  forbidden: (response: ServerResponse) =>
    void response
      .writeHead(403, JSON_TYPE)
      .end('{"reason":"Operation Failed","detail":"query execution failed"}'),
  proxy_forbids: proxyPage(403),
  proxy_knows_not: proxyPage(404),
  empty_forbids: (response: ServerResponse) => void response.writeHead(403).end(),
  empty_knows_not: (response: ServerResponse) => void response.writeHead(404).end(),
};

/**
 * An oVirt engine: its single sign-on and the part of API version 4 that consoles need, as the
 * engine's own source has it. Machines behind it are real.
 */
export class OvirtSimulator {
  readonly username = 'rackside@internal';
  /** The account's; an administrator may change it. */
  password = logBook.secret(randomBytes(18).toString('base64url'));
  readonly vms: EngineVm[] = [];
  /** `GET /vms` and so on, in the order in which they came. */
  readonly calls: string[] = [];
  readonly url: string;
  /** PEM of its own certificate. */
  readonly ca: string;
  /** For which name the hosts' certificates are made. */
  hostAddress = 'localhost';
  /** Lets nobody in, neither by password nor by token. */
  refusesAll = false;
  /** Its tokens are over as soon as they are issued. */
  forgetsTokens = false;
  readonly #options: OvirtOptions;
  readonly #tokens = new Set<string>();
  readonly remote: RemoteServer;
  readonly faults = new Faults<OwnFault>({
    ...{ type: 'application/json', begins: '{"vm":[{"id":', own: SPOILS },
  });

  static async start(options: OvirtOptions = {}): Promise<OvirtSimulator> {
    const certificate = await makeCertificate();
    const remote = await RemoteServer.start(certificate);
    const engine = new OvirtSimulator(remote, certificate.cert, options);
    remote.server.on('request', (request, response) => void engine.#answer(request, response));
    return engine;
  }

  private constructor(remote: RemoteServer, ca: string, options: OvirtOptions) {
    this.remote = remote;
    this.url = remote.origin;
    this.ca = ca;
    this.#options = options;
  }

  add(options: EngineVmOptions): EngineVm {
    const vm = new EngineVm(options);
    this.vms.push(vm);
    return vm;
  }

  /** Every token that was given out is over, as after the engine's restart. */
  expireTokens(): void {
    this.#tokens.clear();
  }

  /** How many sessions there are. */
  get sessions(): number {
    return this.#tokens.size;
  }

  stop(): void {
    this.remote.stop();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const body = await text(request);
    this.calls.push(`${request.method} ${url.pathname.replace(API, '')}`);
    if (await this.faults.spoil(response)) return;
    const send = (status: number, value?: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(value === undefined ? '' : JSON.stringify(this.#written(value)));
    };
    try {
      if (url.pathname === '/ovirt-engine/sso/oauth/token') send(...this.#signIn(request, body));
      else if (url.pathname === '/ovirt-engine/services/sso-logout') send(200, this.#signOut(body));
      else if (url.pathname === '/ovirt-engine/services/pki-resource') this.#pki(url, response);
      else if (url.pathname.startsWith(`${API}/`)) send(...(await this.#api(request, url, body)));
      else send(404);
    } catch (error) {
      // What a host does not do for the engine.
      if (!(error instanceof Refusal)) return send(500);
      const fault = { reason: 'Operation Failed', detail: error.detail };
      const wrapped = request.method === 'POST' ? { fault, status: 'failed' } : fault;
      send(error.status, error.detail === undefined ? undefined : wrapped);
    }
  }

  #signIn({ method, headers }: IncomingMessage, body: string): [number, object] {
    const form = new URLSearchParams(body);
    const isForm = headers['content-type']?.startsWith(FORM);
    const wantsJson = headers.accept?.includes('application/json');
    if (method !== 'POST' || !isForm || !wantsJson || form.get('scope') !== 'ovirt-app-api') {
      return [400, { error: 'invalid_request', error_code: 'invalid_request' }];
    }
    if (form.get('grant_type') !== 'password') {
      return [400, { error: 'unsupported_grant_type', error_code: 'unsupported_grant_type' }];
    }
    const known = form.get('username') === this.username && form.get('password') === this.password;
    if (!known || this.refusesAll) {
      const error = `Cannot authenticate user '${this.username}': The user name or password is incorrect..`;
      return [401, { error, error_code: 'access_denied' }];
    }
    const token = logBook.secret(randomBytes(32).toString('base64url'));
    if (!this.forgetsTokens) this.#tokens.add(token);
    const exp = String(Date.now() + 1_800_000);
    return [200, { access_token: token, scope: 'ovirt-app-api', exp, token_type: 'bearer' }];
  }

  #signOut(body: string): object {
    this.#tokens.delete(new URLSearchParams(body).get('token') ?? '');
    return {};
  }

  #pki(url: URL, response: ServerResponse): void {
    const { hostCa } = this.#options;
    const asked = url.search === '?resource=ca-certificate&format=X509-PEM-CA';
    if (!hostCa || !asked) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': 'application/x-x509-ca-cert' }).end(hostCa);
  }

  async #api(request: IncomingMessage, url: URL, body: string): Promise<[number, unknown?]> {
    const { method = '', headers } = request;
    const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '';
    if (!this.#tokens.has(token) || this.refusesAll) throw new Refusal(401);
    if (!headers.accept?.includes('application/json')) throw new Refusal(406);
    if (this.#options.userLevel && headers['filter'] !== 'true') {
      throw new Refusal(403, 'query execution failed due to insufficient permissions.');
    }
    if (method === 'POST' && headers['content-type'] !== 'application/json') throw new Refusal(415);
    const path = url.pathname.slice(API.length + 1).split('/');
    const [collection, id = '', sub, consoleId = '', action] = path;
    if (collection === 'hosts') return [200, this.#host(id)];
    if (collection !== 'vms') throw new Refusal(404, `no ${collection}`);
    if (!id) return [200, this.#list(url)];
    const vm = this.vms.find((each) => each.id === id);
    if (!vm) throw new Refusal(404, `Entity not found: ${id}`);
    if (!sub) return [200, vm.view()];
    if (sub !== 'graphicsconsoles') {
      if (method !== 'POST') throw new Refusal(405);
      vm.act(sub);
      return [200, { status: 'complete', job: { id: randomUUID() } }];
    }
    if (!consoleId) return [200, vm.consoles(url.searchParams.get('current') === 'true')];
    const asked = JSON.parse(body) as { ticket?: { value?: string; expiry?: number } };
    if (action === 'ticket') {
      const { value = randomBytes(6).toString('base64'), expiry = 7200 } = asked.ticket ?? {};
      await vm.setTicket(consoleId, value, expiry);
      return [200, { status: 'complete', ticket: { value, expiry } }];
    }
    if (action !== 'remoteviewerconnectionfile') throw new Refusal(404, `no ${action}`);
    if (vm.held) throw new Refusal(403);
    if (!vm.opens) return [204];
    await vm.setTicket(consoleId, randomBytes(6).toString('base64'), 120);
    const protocol = Buffer.from(consoleId, 'hex').toString();
    return [200, { remote_viewer_connection_file: vm.viewerFile(protocol, token) }];
  }

  #host(id: string): object {
    if (this.#options.userLevel || id !== HOST_ID) throw new Refusal(404, `no host ${id}`);
    return { id, name: 'node1', address: this.hostAddress };
  }

  /** Pages exist only by the words `sortby name asc page N` together with `max`. */
  #list({ searchParams }: URL): object {
    const search = searchParams.get('search') ?? '';
    const words = /^(?:(.+) )?sortby name asc page (\d+)$/.exec(search);
    const max = Number(searchParams.get('max') ?? Number.NaN);
    if (!words || !(max > 0)) throw new Refusal(400, 'The search is not valid.');
    const isFound = readSearch(words[1]);
    const sorted = this.vms
      .filter((vm) => isFound(vm))
      .toSorted((a, b) => (a.options.name < b.options.name ? -1 : 1));
    const from = (Number(words[2]) - 1) * max;
    const inlined = searchParams.get('detail') === 'current_graphics_consoles';
    const page = sorted.slice(from, from + max).map((vm) => ({
      ...vm.view(),
      ...(inlined && { graphics_consoles: vm.consoles(true) }),
    }));
    // An empty list has no member at all.
    return page.length > 0 ? { vm: page } : {};
  }

  #written(value: unknown): unknown {
    if (this.#options.numbers !== 'strings') return value;
    const plain = (inner: unknown): unknown => {
      if (typeof inner === 'number' || typeof inner === 'boolean') return String(inner);
      if (Array.isArray(inner)) return inner.map(plain);
      if (inner === null || typeof inner !== 'object') return inner;
      return Object.fromEntries(Object.entries(inner).map(([key, each]) => [key, plain(each)]));
    };
    return plain(value);
  }
}
