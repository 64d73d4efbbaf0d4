import { randomBytes, randomUUID } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { logBook } from '../support/log-book.ts';
import { type CommonFault, Faults } from './faults.ts';
import { Cluster, type SimulatedGuest } from './proxmox/cluster.ts';
import { ConsoleDoor } from './proxmox/console-door.ts';
import { Refusal, checkFields } from './proxmox/refusal.ts';
import { Tickets } from './proxmox/tickets.ts';
import { type Certificate, RemoteServer } from './remote-server.ts';

export type { SimulatedGuest } from './proxmox/cluster.ts';

/** What the next answers can be in the place of the right ones. */
export type ProxmoxFault = CommonFault | OwnFault;
type OwnFault = 'nonsense' | 'bad_gateway';

type Fields = Readonly<Record<string, string>>;

const API = '/api2/json';

/**
 * A cluster of Proxmox VE as its source has it: tickets with their CSRF tokens, API tokens, privileges,
 * schemas of parameters, what stands behind the status, nodes that are away, and consoles by WebSockets.
 */
export class ProxmoxSimulator {
  readonly username = 'console@pve';
  readonly password = logBook.secret(randomBytes(12).toString('hex'));
  /** As it is shown once: `user@realm!name=secret`. */
  token = `gateway@pve!rackside=${logBook.secret(randomUUID())}`;
  readonly tickets = new Tickets();
  readonly cluster = new Cluster();
  readonly door = new ConsoleDoor(this.tickets);
  /** Privileges that neither has. */
  readonly denied = new Set<string>();
  /** And one that a guest's own rule takes away. */
  readonly deniedAt = new Map<number, string>();
  /** `GET /cluster/resources` and so on, in the order in which they came. */
  readonly calls: string[] = [];
  /** By what the account has signed in. */
  readonly signIns: ('password' | 'ticket')[] = [];
  /** Whether the account has a second factor. */
  secondFactor = false;
  readonly url: string;
  readonly remote: RemoteServer;
  readonly faults = new Faults<OwnFault>({
    ...{ type: 'application/json', begins: '{"data":[', own: SPOILS },
  });

  static async start(tls?: Certificate): Promise<ProxmoxSimulator> {
    const remote = await RemoteServer.start(tls);
    const simulator = new ProxmoxSimulator(remote);
    const { server } = remote;
    server.on('request', (request, response) => void simulator.#answer(request, response));
    server.on('upgrade', (request, socket, head) => simulator.#upgrade(request, socket, head));
    return simulator;
  }

  private constructor(remote: RemoteServer) {
    this.remote = remote;
    this.url = remote.origin;
  }

  add(guest: SimulatedGuest): SimulatedGuest {
    this.cluster.guests.push(guest);
    return guest;
  }

  stop(): void {
    this.door.cut();
    this.remote.stop();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
    const method = request.method ?? 'GET';
    try {
      if (!pathname.startsWith(`${API}/`)) throw new Refusal(501, 'no such uri');
      const path = pathname.slice(API.length);
      this.calls.push(`${method} ${path}`);
      const body = await readForm(request);
      if (await this.faults.spoil(response)) return;
      const fields = { ...Object.fromEntries(searchParams), ...body };
      const data = await this.#route(request, method, path, fields);
      send(response, 200, 'OK', { data });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { status, message, errors } = error;
      // Before version 9 the sentence stood behind the status alone.
      const inBody = this.door.era === 'current' && { message };
      send(response, status, message, { data: null, ...inBody, ...(errors && { errors }) });
    }
  }

  async #route(
    request: IncomingMessage,
    method: string,
    path: string,
    fields: Fields,
  ): Promise<unknown> {
    if (path === '/access/ticket' && method === 'POST') return this.#signIn(fields);
    const user = this.#caller(request);
    if (path === '/cluster/resources' && method === 'GET') {
      checkFields(fields, { type: /^(vm|storage|node|sdn)$/ });
      if (this.denied.has('VM.Audit')) return [];
      return this.cluster.guests.map((guest) => this.cluster.entry(guest));
    }
    if (path === '/access/permissions' && method === 'GET') {
      checkFields(fields, { userid: /./, path: /^\// });
      return this.#permissions();
    }
    const [, node = '', type = '', vmid = '', rest = ''] =
      /^\/nodes\/([^/]+)\/(qemu|lxc)\/(\d+)\/(.+)$/.exec(path) ?? [];
    const find = (): SimulatedGuest => {
      if (this.cluster.offline.has(node)) throw new Refusal(595, 'No route to host');
      return this.cluster.find(node, type, Number(vmid));
    };
    switch (`${method} ${rest}`) {
      case 'GET status/current':
        this.#demand('VM.Audit', vmid);
        checkFields(fields, {});
        return this.cluster.current(find());
      case 'GET config':
        this.#demand('VM.Audit', vmid);
        checkFields(fields, { current: /^[01]$/, snapshot: /./ });
        return { digest: randomBytes(20).toString('hex'), ...find().config };
      case 'POST vncproxy': {
        this.#demand('VM.Console', vmid);
        const known = type === 'qemu' ? {} : { width: /^\d+$/, height: /^\d+$/ };
        checkFields(fields, { websocket: /^[01]$/, ...known });
        if (fields['websocket'] !== '1') throw new Refusal(500, 'only for WebSockets here');
        return this.door.vncproxy(find(), user);
      }
      case 'POST termproxy': {
        this.#demand('VM.Console', vmid);
        checkFields(fields, type === 'qemu' ? { serial: /^serial[0-3]$/ } : {});
        return this.door.termproxy(find(), user);
      }
    }
    const word = /^status\/(\w+)$/.exec(rest)?.[1];
    if (method !== 'POST' || !word)
      throw new Refusal(501, `Method '${method} ${path}' not implemented`);
    this.#demand('VM.PowerMgmt', vmid);
    checkFields(fields, { timeout: /^\d+$/ });
    return this.cluster.command(find(), word);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
    this.calls.push(`UPGRADE ${pathname.slice(API.length)}`);
    try {
      const user = this.#caller(request);
      const [, node = '', type = '', vmid = ''] =
        /^\/api2\/json\/nodes\/([^/]+)\/(qemu|lxc)\/(\d+)\/vncwebsocket$/.exec(pathname) ?? [];
      this.#demand('VM.Console', vmid);
      const fields = Object.fromEntries(searchParams);
      const known = { port: /^59\d\d$/, vncticket: /^.{1,512}$/ };
      checkFields(fields, known, ['port', 'vncticket']);
      this.door.check(this.cluster.find(node, type, Number(vmid)), user, fields);
      this.door.upgrade(request, socket, head, Number(fields['port']));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      socket.end(
        `HTTP/1.1 ${error.status} ${error.message}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`,
      );
    }
  }

  #signIn(fields: Fields): object {
    const [text, optional] = [/./, /.*/];
    const known = { username: text, password: text, realm: optional, otp: optional };
    checkFields(fields, known, ['username', 'password']);
    const { username = '', password = '' } = fields;
    const isRight = password === this.password || this.tickets.user(password) === username;
    if (username !== this.username || !isRight) throw new Refusal(401, 'authentication failure');
    this.signIns.push(password === this.password ? 'password' : 'ticket');
    return {
      username,
      ticket: this.tickets.issue(username),
      CSRFPreventionToken: this.tickets.csrf(username),
      ...(this.secondFactor && { NeedTFA: 1 }),
    };
  }

  /** A cookie counts before a token; what writes needs the ticket's CSRF token too. */
  #caller({ headers, method }: IncomingMessage): string {
    const cookie = /(?:^|\s)PVEAuthCookie=([^;]*)/.exec(headers.cookie ?? '')?.[1];
    if (cookie !== undefined) {
      const user = this.tickets.user(decodeURIComponent(cookie));
      if (user === undefined) throw new Refusal(401, 'permission denied - invalid PVE ticket');
      const csrf = String(headers['csrfpreventiontoken'] ?? '');
      if (method !== 'GET' && !this.tickets.isCsrf(csrf, user)) {
        throw new Refusal(401, 'Permission denied - invalid csrf token');
      }
      return user;
    }
    const { authorization } = headers;
    if (authorization === undefined) throw new Refusal(401, 'No ticket');
    if (authorization !== `PVEAPIToken=${this.token}`) {
      throw new Refusal(401, 'invalid token value!');
    }
    return this.token.split('=')[0] ?? '';
  }

  /** By path, 1 where it goes on below; what has a rule of its own or is in a pool is there by itself. */
  #permissions(): object {
    const all = ['VM.Audit', 'VM.Console', 'VM.PowerMgmt'].filter((one) => !this.denied.has(one));
    const below = Object.fromEntries(all.map((one) => [one, 1]));
    const rules = [...this.deniedAt].map(([vmid, privilege]) => {
      const left = all.filter((one) => one !== privilege);
      return [`/vms/${vmid}`, Object.fromEntries(left.map((one) => [one, 1]))];
    });
    return { '/vms': below, ...Object.fromEntries(rules) };
  }

  #demand(privilege: string, vmid: string): void {
    if (!this.denied.has(privilege) && this.deniedAt.get(Number(vmid)) !== privilege) return;
    throw new Refusal(403, `Permission check failed (/vms/${vmid}, ${privilege})`);
  }
}

/** @throws Refusal for a body that is not said to be a form. */
async function readForm(request: IncomingMessage): Promise<Fields> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  if (text === '') return {};
  if (!request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
    throw new Refusal(400, 'unexpected content type');
  }
  return Object.fromEntries(new URLSearchParams(text));
}

function send(response: ServerResponse, status: number, reason: string, body: object): void {
  const type = { 'content-type': 'application/json;charset=UTF-8' };
  response.writeHead(status, reason, type).end(JSON.stringify(body));
}

/** As the API and what stands before it do it. */
const SPOILS = {
  nonsense: spoil(200, 'application/json', '{"data":{"ticket":7,"status":[]}}'),
  server_error: spoil(500, 'text/plain', 'unexpected'),
  bad_gateway: spoil(502, 'text/html', '<html><h1>502 Bad Gateway</h1></html>'),
} as const;

function spoil(status: number, type: string, text: string) {
  return (response: ServerResponse): void =>
    void response.writeHead(status, STATUS_CODES[status], { 'content-type': type }).end(text);
}
