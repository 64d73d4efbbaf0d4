import { createHash, randomBytes } from 'node:crypto';
import { hash } from '@node-rs/argon2';
import WebSocket from 'ws';
import { parseConfig } from '../../server/config.ts';
import type { ConsoleEvent, ConsoleView, CreatedConsole } from '../../server/contract/index.ts';
import { createLogger } from '../../server/log.ts';
import { type Gateway, startGateway } from '../../server/main.ts';
import { Arrivals } from './arrivals.ts';
import { instruction } from './instructions.ts';
import { logBook } from './log-book.ts';

const secret = (): string => logBook.secret(randomBytes(18).toString('base64url'));

/** Accounts that every test gateway knows. alice and bob are customers. */
export const PASSWORDS = { alice: secret(), bob: secret(), support: secret(), admin: secret() };
export const API_TOKENS = { portal: secret(), customer: secret() };

const cheap = { memoryCost: 8, timeCost: 1, parallelism: 1 };
const hashes = Promise.all(
  Object.entries(PASSWORDS).map(async ([name, password]) => [name, await hash(password, cheap)]),
).then((entries) => Object.fromEntries(entries) as Record<keyof typeof PASSWORDS, string>);

export interface TestGatewayOptions {
  /** Absent: the gateway's own. */
  readonly redis?: { readonly url: string };
  readonly guacd?: { readonly host: string; readonly port: number };
  /** Machines of the static provider `lab`, as YAML has them. */
  readonly machines: readonly object[];
  /** More of the configuration, as YAML has it. */
  readonly config?: object;
}

/** The configuration of a test gateway, as YAML has it. */
export async function testConfig({
  redis,
  guacd,
  machines,
  config,
}: TestGatewayOptions): Promise<object> {
  const passwordHash = await hashes;
  const role = (name: string) => (name === 'support' || name === 'admin' ? name : 'customer');
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  return {
    listen: { port: 0 },
    log: { level: 'debug' },
    ...(redis && { redis: { url: redis.url } }),
    ...(guacd && {
      locations: { default: { guacd: [{ host: guacd.host, port: guacd.port }] } },
    }),
    keys: [{ id: 'test', secret: TEST_KEY }],
    users: Object.keys(PASSWORDS).map((name) => ({
      name,
      role: role(name),
      passwordHash: passwordHash[name as keyof typeof PASSWORDS],
    })),
    apiTokens: [
      { name: 'portal', role: 'support', tokenHash: sha256(API_TOKENS.portal) },
      { name: 'alice', role: 'customer', tokenHash: sha256(API_TOKENS.customer) },
    ],
    providers: [{ id: 'lab', type: 'static', machines }],
    ...config,
  };
}

/** What a page needs for a console's calls. */
export interface Held {
  readonly id: string;
  readonly bearer: string;
}

/** What a redeemed console's page holds. */
export interface TestConsole extends CreatedConsole {
  readonly launchKey: string;
  readonly bearer: string;
}

/** A real gateway on a port from the OS, logging at debug level into the log book. */
export class TestGateway {
  readonly #gateway: Gateway;

  /** The same calls to a gateway that runs already, in a process of its own perhaps. */
  constructor(gateway: Gateway) {
    this.#gateway = gateway;
  }

  static async start(options: TestGatewayOptions): Promise<TestGateway> {
    const config = parseConfig(await testConfig(options), 'the test');
    return new TestGateway(await startGateway(config, createLogger('debug', logBook.stream)));
  }

  get url(): string {
    return this.#gateway.url;
  }

  stop(): Promise<void> {
    return this.#gateway.stop();
  }

  /** A call of the API as `as`: an API token's or console's bearer; none where it is undefined. */
  call(
    method: string,
    path: string,
    { as, body, headers }: { as?: string; body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Response> {
    return fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: {
        ...(as === undefined ? {} : { authorization: `Bearer ${as}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: 'manual',
    });
  }

  /** Opens a console by the portal's token. */
  async open(body: object): Promise<CreatedConsole & { launchKey: string }> {
    const answer = await this.call('POST', '/consoles', { as: API_TOKENS.portal, body });
    if (answer.status !== 201) throw new Error(`no console: ${await answer.text()}`);
    const created = (await answer.json()) as CreatedConsole;
    const launchKey = logBook.secret(new URL(created.url).hash.slice(1));
    return { ...created, launchKey };
  }

  /** Opens a console and redeems its key, as the page does. */
  async openRedeemed(body: object): Promise<TestConsole> {
    const created = await this.open(body);
    const answer = await this.call('POST', `/consoles/${created.id}/redeem`, {
      body: { key: created.launchKey },
    });
    if (answer.status !== 200) throw new Error(`not redeemed: ${await answer.text()}`);
    const { bearer } = (await answer.json()) as { bearer: string };
    return { ...created, bearer: logBook.secret(bearer) };
  }

  /** A fresh connection token of a redeemed console. */
  async token(opened: Held, body: object = {}): Promise<{ token: string; tunnel: string }> {
    const answer = await this.call('POST', `/consoles/${opened.id}/token`, {
      as: opened.bearer,
      body,
    });
    if (answer.status !== 200) throw new Error(`no token: ${await answer.text()}`);
    const granted = (await answer.json()) as { token: string; tunnel: string };
    logBook.secret(granted.token);
    return granted;
  }

  /** A tunnel as the page opens it; `headers` go with the upgrade request. */
  async tunnel(opened: Held, headers: Record<string, string> = {}): Promise<TestTunnel> {
    const { token, tunnel } = await this.token(opened);
    return new TestTunnel(new WebSocket(`${tunnel}?token=${token}`, 'guacamole', { headers }));
  }

  async view(id: string, as = API_TOKENS.portal): Promise<ConsoleView> {
    const answer = await this.call('GET', `/consoles/${id}`, { as });
    if (answer.status !== 200) throw new Error(`no view: ${await answer.text()}`);
    return (await answer.json()) as ConsoleView;
  }

  /** The console's Server-Sent Events, until it closes or the caller stops. */
  async *events(id: string, as: string, signal?: AbortSignal): AsyncGenerator<ConsoleEvent> {
    const answer = await fetch(`${this.url}/api/v1/consoles/${id}/events`, {
      headers: { authorization: `Bearer ${as}` },
      ...(signal ? { signal } : {}),
    });
    let text = '';
    for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const data = /^data: (.*)$/m.exec(text.slice(0, end))?.[1];
        text = text.slice(end + 2);
        if (data !== undefined) yield JSON.parse(data) as ConsoleEvent;
      }
    }
  }
}

/** 32 bytes for every test gateway, so that a restarted one reads what the first wrote. */
const TEST_KEY = logBook.secret(randomBytes(32).toString('base64'));

/** A WebSocket that keeps what it received. */
export class TestTunnel {
  readonly socket: WebSocket;
  /** Resolves with the close code and the reason; with the HTTP status when it was refused. */
  readonly closed: Promise<{ code: number; reason: string }>;
  #text = '';
  readonly #arrivals = new Arrivals();

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data) => {
      this.#text += (data as Buffer).toString();
      this.#arrivals.came();
    });
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.once('unexpected-response', (_request, response) => {
        response.resume();
        resolve({ code: response.statusCode ?? 0, reason: '' });
      });
      socket.once('close', (code, reason) => resolve({ code, reason: String(reason) }));
    });
  }

  /** All text received so far. */
  get text(): string {
    return this.#text;
  }

  /** Resolves once something received matches; rejects after `timeout` ms. */
  received(pattern: RegExp, timeout = 10_000): Promise<string> {
    return this.#arrivals.next(
      () => pattern.exec(this.#text)?.[0],
      timeout,
      () => `nothing like ${pattern} came; last: ${this.#text.slice(-300)}`,
    );
  }

  /** The machine's first picture. */
  pictured(): Promise<string> {
    return this.received(/4\.sync,/);
  }

  /** Presses and releases each key, by keysym. */
  type(...keysyms: number[]): void {
    for (const keysym of keysyms) {
      const length = String(keysym).length;
      this.socket.send(`3.key,${length}.${keysym},1.1;3.key,${length}.${keysym},1.0;`);
    }
  }

  /** Types ASCII text; a line end is Return. Capitals and symbols come as their own keysyms. */
  typeText(text: string): void {
    const returnKey = 0xff0d;
    this.type(...[...text].map((char) => (char === '\n' ? returnKey : (char.codePointAt(0) ?? 0))));
  }

  /** Gives a credential that the machine asked for, as the page does. */
  answer(name: string, value: string): void {
    const blob = Buffer.from(value).toString('base64');
    this.socket.send(
      instruction('argv', 0, 'text/plain', name) +
        instruction('blob', 0, blob) +
        instruction('end', 0),
    );
  }

  stop(): void {
    this.socket.terminate();
  }
}
