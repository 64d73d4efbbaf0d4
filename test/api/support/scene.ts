import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import supertest from 'supertest';
import type {
  CreatedApiToken,
  CreatedShare,
  RedeemAnswer,
  OpenApiDocument,
  Operation,
  StatusCode,
} from '../../../server/contract/index.ts';
import { operations } from '../../../server/contract/operations/index.ts';
import { onFreePort } from '../../../server/demo/loopback.ts';
import { OvirtSimulator } from '../../simulators/ovirt.ts';
import { RedfishSimulator } from '../../simulators/redfish.ts';
import type { Disposables } from '../../support/dispose.ts';
import {
  API_TOKENS,
  type TestConsole,
  TestGateway,
  type TestGatewayOptions,
} from '../../support/gateway.ts';
import { startGuacd } from '../../support/guacd.ts';
import { logBook } from '../../support/log-book.ts';
import { signInAtProvider, startOidc } from '../../support/oidc.ts';
import { startRedis } from '../../support/redis.ts';
import { makeTempDir } from '../../support/temp-dir.ts';
import { UserAgent } from '../../support/user-agent.ts';
import { type Browser, type Name, browserAt, signedIn } from '../../integration/support/people.ts';
import { type Answered, Described } from './described.ts';

/** One request to an operation, and what comes of it: an HTTP status, or a problem's code. */
export interface Call {
  /** A bearer; null for nobody. The portal's token if absent. */
  readonly as?: string | null;
  /** Somebody's browser with its cookies, in the place of a bearer. */
  readonly by?: Browser;
  /** Something that has what the path names: a console has an `id`. */
  readonly params?: object;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly form?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Another gateway's URL. */
  readonly at?: string;
  readonly answers: number | StatusCode;
}

/** What goes over the wire in the place of what a call would send. */
export interface Raw {
  /** After the path, with its question mark. */
  readonly query?: string;
  /** In the place of each parameter, as it is written in the address. */
  readonly param?: string;
  readonly body?: { readonly type: string; readonly text: string };
}

/** Who is known at the provider. */
const PEOPLE = { zoe: { preferred_username: 'zoe' } };
const NOWHERE = { host: '127.0.0.1', port: 1 };
const LINK_KEY = logBook.secret(randomBytes(24).toString('hex'));
/** Of a machine in a token folder of websockify. */
export const LINK_TOKEN = logBook.secret(randomBytes(12).toString('hex'));
/** From where customers may have disk images. */
export const MIRROR = 'https://mirror.example/iso/';
export const PIN = logBook.secret(randomBytes(6).toString('hex'));

/** A gateway with everything that the API can offer, whose every answer is held against its document. */
export class Scene {
  readonly gateway: TestGateway;
  readonly document: OpenApiDocument;
  /** A machine that has a file for native clients. */
  virtual = { id: '' };
  readonly #described: Described;
  readonly #start: (options: TestGatewayOptions) => Promise<TestGateway>;
  #bmc: RedfishSimulator | undefined;
  #admin: Promise<Browser> | undefined;

  private constructor(
    gateway: TestGateway,
    document: OpenApiDocument,
    start: (options: TestGatewayOptions) => Promise<TestGateway>,
  ) {
    this.gateway = gateway;
    this.document = document;
    this.#start = start;
    this.#described = new Described(document);
  }

  static async start(parts: Disposables): Promise<Scene> {
    const [redis, guacd] = await Promise.all([
      parts.start(startRedis()),
      parts.start(startGuacd()),
    ]);
    const wakeOnLan = { mac: '02:00:00:00:00:01', broadcast: '127.0.0.1' };
    const machines = [
      { id: 'desk', owner: 'alice', consoles: { vnc: NOWHERE, ssh: NOWHERE } },
      { id: 'shop', owner: 'bob', consoles: { rdp: NOWHERE }, wakeOnLan },
      { id: 'vault', owner: 'bob', consoles: { vnc: NOWHERE } },
    ];
    const vault = {
      machines: ['lab:vault'],
      approval: 'required',
      approvers: { roles: ['admin'] },
    };
    const config = {
      policy: [vault],
      images: { customerUrls: [MIRROR] },
      launch: [{ issuer: 'portal', algorithm: 'HS256', secret: LINK_KEY }],
      hostkey: { servers: [{ id: '10007', machine: 'lab:desk', location: 'NL', pin: PIN }] },
    };
    const tokens = await parts.start(makeTempDir('tokens'));
    await writeFile(join(tokens.path, 'one-1'), `${LINK_TOKEN}: 127.0.0.1:1`);
    const engine = await parts.start(OvirtSimulator.start());
    const { url, ca, username, password } = engine;
    const session = `rackside:${logBook.secret(randomBytes(12).toString('hex'))}`;
    const bmc = await parts.start(RedfishSimulator.start());
    const providers = [
      { id: 'away', type: 'opennebula', url: 'http://127.0.0.1:1/RPC2', session },
      { id: 'lab', type: 'static', machines },
      { id: 'ov', type: 'ovirt', url, ca, username, password },
      { id: 'metal', type: 'bmc', hosts: [{ id: 'node', ...bmc.section }] },
      { id: 'old', type: 'websockify', path: tokens.path, links: {} },
    ];
    const options = { redis, guacd, machines };
    const start = (more: TestGatewayOptions) => parts.start(TestGateway.start(more));
    // The provider has to know where the gateway is, and the gateway where the provider is.
    const gateway = await onFreePort(async (port) => {
      const redirectUri = `http://127.0.0.1:${port}/api/v1/login/oidc/sso/callback`;
      const { issuer, clientId, clientSecret } = await parts.start(
        startOidc({ people: PEOPLE, redirectUris: [redirectUri] }),
      );
      const sso = { id: 'sso', issuer, clientId, clientSecret, defaultRole: 'customer' };
      const more = { listen: { port }, oidc: [sso], providers };
      return start({ ...options, config: { ...config, ...more } });
    });
    const document = await fetch(`${gateway.url}/api/v1/openapi.json`);
    const scene = new Scene(gateway, (await document.json()) as OpenApiDocument, start);
    scene.#bmc = bmc;
    scene.virtual = { id: `ov:${engine.add({ name: 'web1' }).id}` };
    return scene;
  }

  /** Somebody's browser back from the provider, and the query that they bring from there. */
  async fromProvider(): Promise<Required<Pick<Call, 'by' | 'query'>>> {
    const by = browserAt(this.gateway);
    const { location = '' } = await this.send('beginOidc', { by, params: { id: 'sso' } });
    const { searchParams } = await signInAtProvider(new UserAgent(), location, 'zoe');
    logBook.secret(searchParams.get('code') ?? '');
    return { by, query: Object.fromEntries(searchParams) };
  }

  /** A gateway whose Redis and guacd are not there: its URL. */
  async lame(): Promise<string> {
    const redis = { url: 'redis://127.0.0.1:1' };
    return (await this.#start({ redis, guacd: NOWHERE, machines: [] })).url;
  }

  /** Nothing is in the drives of the server with a BMC. */
  emptyDrives(): void {
    for (const drive of this.#bmc?.hardware.media.values() ?? []) drive.image = null;
  }

  open(body: object = { machine: 'lab:desk' }): ReturnType<TestGateway['open']> {
    return this.gateway.open(body);
  }

  redeemed(machine = 'lab:desk'): Promise<TestConsole> {
    return this.gateway.openRedeemed({ machine });
  }

  /** A browser in which somebody is signed in, without one-time codes. */
  async browserOf(name: Name): Promise<Browser> {
    this.#admin ??= signedIn(this.gateway, 'admin');
    const admin = await this.#admin;
    // Refused where there are none, which is as good.
    await admin.delete(`/api/v1/users/${name}/totp`);
    return signedIn(this.gateway, name);
  }

  /** A redeemed console with a link for a viewer, and that link's key. */
  async shared(): Promise<{ id: string; share: string; bearer: string; key: string }> {
    const { id, bearer } = await this.redeemed();
    const call = { params: { id }, as: bearer, body: { label: 'colleague' } };
    const { text } = await this.send('shareConsole', call);
    const { id: share, url } = JSON.parse(text) as CreatedShare;
    return { id, share, bearer, key: logBook.secret(new URL(url).hash.slice(1)) };
  }

  /** Somebody who came by a link: the console's id, and what they bring. */
  async viewer(): Promise<{ id: string; bearer: string }> {
    const { id, key } = await this.shared();
    const { text } = await this.send('redeemConsole', { params: { id }, body: { key } });
    const { bearer } = JSON.parse(text) as RedeemAnswer;
    return { id, bearer: logBook.secret(bearer) };
  }

  /** A token that alice has made for herself. */
  async apiToken(): Promise<CreatedApiToken> {
    const by = await this.browserOf('alice');
    const { text } = await this.send('createApiToken', { by, body: { name: 'ci' } });
    const made = JSON.parse(text) as CreatedApiToken;
    logBook.secret(made.token);
    return made;
  }

  /** A launch link's JWT, as a portal signs it. */
  async link(claims: object = {}): Promise<string> {
    const good = { iss: 'portal', sub: 'alice', machine: 'lab:desk' };
    const exp = Math.floor(Date.now() / 1000) + 60;
    const whole = { ...good, exp, jti: randomBytes(9).toString('hex'), ...claims };
    const key = Buffer.from(LINK_KEY);
    const jwt = await new SignJWT(whole).setProtectedHeader({ alg: 'HS256' }).sign(key);
    return logBook.secret(jwt);
  }

  /** Sends it, and asserts that the document describes what comes back. */
  async send(id: string, call: Omit<Call, 'answers'>, raw: Raw = {}): Promise<Answered> {
    const operation = operationOf(id);
    const { method, path } = operation;
    const params = (call.params ?? {}) as Record<string, string>;
    const url = path.replaceAll(
      /\{(\w+)\}/g,
      (_, name: string) => raw.param ?? encodeURIComponent(params[name] ?? ''),
    );
    const query = raw.query ?? (call.query ? `?${new URLSearchParams(call.query)}` : '');
    const verb = method.toLowerCase() as 'get' | 'post' | 'put' | 'patch' | 'delete';
    const client = call.by ?? supertest(call.at ?? this.gateway.url);
    const request = client[verb](url + query).redirects(0);
    const { as = API_TOKENS.portal } = call;
    if (as !== null && !call.by && operation.callers.length > 0)
      request.auth(as, { type: 'bearer' });
    if (call.headers) request.set(call.headers);
    if (raw.body) request.set('content-type', raw.body.type).send(raw.body.text);
    else if (call.body) request.send(call.body);
    else if (call.form) request.type('form').send(call.form);
    const response = await request;
    const answered = {
      status: response.status,
      type: response.get('content-type'),
      text: response.text ?? '',
      location: response.get('location'),
    };
    this.#described.assertAnswer(method, path, answered);
    return answered;
  }
}

export function operationOf(id: string): Operation {
  const operation = operations[id];
  if (!operation) throw new Error(`there is no operation ${id}`);
  return operation;
}
