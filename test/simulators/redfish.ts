import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { makeCertificate } from '../support/certificate.ts';
import { logBook } from '../support/log-book.ts';
import { Accounts } from './redfish/accounts.ts';
import { Hardware } from './redfish/hardware.ts';
import { Refusal, propertyMissing } from './redfish/refusal.ts';
import { type Answer, type Body, Resources, etagOf } from './redfish/resources.ts';
import { type SimulatedVendor, VENDORS } from './redfish/vendors.ts';

/** What the next answers can be in the place of the right ones. */
export type BmcFault =
  | 'hang'
  | 'half'
  | 'html'
  | 'nonsense'
  | 'server_error'
  | 'redirect'
  | 'restarting';

export interface RedfishOptions {
  readonly vendor?: SimulatedVendor;
  readonly ipmi?: boolean;
}

/** What else a BMC serves at its address, such as its web pages. True for what it has answered. */
export type Page = (request: IncomingMessage, response: ServerResponse) => boolean;
export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean;

const ROOT = '/redfish/v1';
const SESSIONS = `${ROOT}/SessionService/Sessions`;

/**
 * A BMC's Redfish service (DSP0266, DSP0268) as one maker has it: over TLS with a certificate signed by
 * itself, strict about sessions, content types, required properties, allowable values and states.
 */
export class RedfishSimulator {
  readonly username = 'operator';
  readonly password = logBook.secret(randomBytes(9).toString('base64url'));
  readonly host = '127.0.0.1';
  readonly port: number;
  /** PEM of its own certificate. */
  readonly ca: string;
  readonly vendor: SimulatedVendor;
  readonly accounts: Accounts;
  readonly hardware = new Hardware();
  /** `GET /redfish/v1/Systems/1` and so on, in the order in which they came. */
  readonly calls: string[] = [];
  /** Asked before Redfish is, in this order. */
  readonly pages: Page[] = [];
  readonly upgrades: Upgrade[] = [];
  /** Without it there is no Redfish, as on boards that are older. */
  redfish = true;
  readonly #resources: Resources;
  readonly #faults: BmcFault[] = [];
  #always: BmcFault | undefined;
  readonly #stop: () => unknown;

  static async start(options: RedfishOptions = {}): Promise<RedfishSimulator> {
    const { key, cert } = await makeCertificate();
    const server = createServer({ key, cert }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const sockets = new Set<Duplex>();
    const bmc = new RedfishSimulator(port, cert, options, () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    server.on('request', (request, response) => void bmc.#answer(request, response));
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => socket.destroy());
      bmc.calls.push(`UPGRADE ${request.url}`);
      if (bmc.#always === 'hang') return;
      if (bmc.#always) socket.destroy();
      else if (!bmc.upgrades.some((upgrade) => upgrade(request, socket, head))) socket.destroy();
    });
    return bmc;
  }

  private constructor(
    port: number,
    ca: string,
    { vendor = 'hpe', ipmi = false }: RedfishOptions,
    stop: () => unknown,
  ) {
    this.port = port;
    this.ca = ca;
    this.vendor = vendor;
    const traits = VENDORS[vendor];
    this.accounts = new Accounts(traits);
    this.accounts.add(this.username, this.password);
    const { accounts, hardware } = this;
    this.#resources = new Resources({ vendor, traits, accounts, hardware, ipmi });
    this.#stop = stop;
  }

  /** A host's section for it, as YAML has it, without IPMI. */
  get section(): object {
    const { host: address, port, username, password, ca } = this;
    return { address, port, username, password, ca, ipmi: { enabled: false } };
  }

  /** So many of the next answers go wrong; all of them until `mend` where no number is given. */
  fail(fault: BmcFault, times?: number): void {
    if (times === undefined) this.#always = fault;
    else for (let left = times; left > 0; left -= 1) this.#faults.push(fault);
  }

  mend(): void {
    this.#faults.length = 0;
    this.#always = undefined;
  }

  stop(): void {
    this.#stop();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/' } = request;
    const path = new URL(url, 'https://bmc').pathname.replace(/(?<=.)\/$/, '');
    this.calls.push(`${method} ${path}`);
    const send = ({ status, body, headers }: Answer): void => {
      response.writeHead(status, {
        ...(body && { 'content-type': 'application/json; charset=utf-8', etag: etagOf(body) }),
        ...{ 'odata-version': '4.0', ...headers },
      });
      response.end(body && JSON.stringify(body));
    };
    const fault = this.#faults.shift() ?? this.#always;
    if (fault) {
      FAULTS[fault](response, send);
      return;
    }
    if (this.pages.some((page) => page(request, response))) return;
    try {
      if (!this.redfish || !path.startsWith(ROOT)) {
        response.writeHead(404, { 'content-type': 'text/html' }).end('<html>Not Found</html>');
        return;
      }
      send(await this.#route(request, method, path));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      send({ status: error.status, body: error.body });
    }
  }

  async #route(request: IncomingMessage, method: string, path: string): Promise<Answer> {
    const resources = this.#resources;
    if (path === ROOT && method === 'GET') return { status: 200, body: resources.root };
    if (path === SESSIONS && method === 'POST')
      return this.#signIn(request, await readBody(request));
    this.accounts.caller(request.headers);
    switch (method) {
      case 'GET':
        return { status: 200, body: resources.get(path) };
      case 'POST':
        return resources.post(path, await readBody(request));
      case 'PATCH':
        return resources.patch(path, await readBody(request), request.headers['if-match']);
      case 'DELETE':
        return resources.delete(path);
    }
    throw new Refusal(405, 'Base.1.8.OperationNotAllowed');
  }

  #signIn({ headers }: IncomingMessage, { UserName: name, Password: password }: Body): Answer {
    if (!this.accounts.sessionService) throw new Refusal(404, 'Base.1.8.ResourceMissingAtURI');
    if (typeof name !== 'string') throw propertyMissing('UserName');
    if (typeof password !== 'string') throw propertyMissing('Password');
    const { id, token, xsrf } = this.accounts.signIn(name, password);
    const location = `${SESSIONS}/${id}`;
    // OpenBMC gives a browser's cookies to whoever says that it is no form of another site.
    const cookies =
      this.vendor === 'openbmc' && headers['x-requested-with'] !== undefined
        ? {
            'set-cookie': [
              `XSRF-TOKEN=${xsrf}; SameSite=Strict; Secure`,
              `BMCWEB-SESSION=${token}; SameSite=Strict; Secure; HttpOnly`,
            ],
          }
        : {};
    return {
      status: 201,
      headers: { location, 'x-auth-token': token, ...cookies },
      body: { '@odata.id': location, Id: id, UserName: name },
    };
  }
}

type Send = (answer: Answer) => void;

const FAULTS: Readonly<Record<BmcFault, (response: ServerResponse, send: Send) => void>> = {
  hang: () => undefined,
  half: (response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
    response.write('{"Members": [', () => response.destroy());
  },
  html: (response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end('<!DOCTYPE html><title>Sign in</title>');
  },
  nonsense: (_response, send) =>
    send({ status: 200, body: { RedfishVersion: 9, Systems: 'none', PowerState: ['?'] } }),
  server_error: (_response, send) =>
    send({ status: 500, body: new Refusal(500, 'Base.1.8.InternalError').body }),
  redirect: (response) => {
    response.writeHead(302, { location: 'https://elsewhere.invalid/login' }).end();
  },
  restarting: (response) => {
    response.writeHead(503, { 'retry-after': '60' }).end('Service Unavailable');
  },
};

/** @throws Refusal for a body that is no JSON object, or is not said to be JSON. */
async function readBody(request: IncomingMessage): Promise<Body> {
  const sent = await text(request);
  if (!request.headers['content-type']?.startsWith('application/json')) {
    throw new Refusal(415, 'Base.1.8.HeaderInvalid', 'expected application/json');
  }
  try {
    const body: unknown = JSON.parse(sent);
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Body;
  } catch {
    // It is told below.
  }
  throw new Refusal(400, 'Base.1.8.MalformedJSON', 'the body is no JSON object');
}
