import type { ConsoleView } from '../../../server/contract/index.ts';
import { onFreePort } from '../../../server/demo/loopback.ts';
import { type TestBrowser, type TestPage, startBrowser } from '../../support/browser.ts';
import type { Disposables } from '../../support/dispose.ts';
import { TestGateway, type TestGatewayOptions } from '../../support/gateway.ts';
import { startGuacd } from '../../support/guacd.ts';
import { logBook } from '../../support/log-book.ts';
import { startRedis } from '../../support/redis.ts';
import type { ServerProcess } from '../../support/server-process.ts';
import { TcpProxy } from '../../support/tcp-proxy.ts';
import { until } from '../../support/until.ts';
import { ConsolePage } from './console-page.ts';

/** Something that serves VNC, or leads to what does. */
interface VncAddress {
  readonly host: string;
  readonly port: number;
  readonly password: string;
}

/** A window as `newPage` takes it, in CSS pixels. */
export interface Window {
  readonly width?: number;
  readonly height?: number;
  readonly isMobile?: boolean;
}

export const DESK: Window = { width: 1280, height: 800 };
export const WIDE: Window = { width: 1920, height: 1080 };
export const PHONE: Window = { width: 360, height: 740, isMobile: true };

/** A machine of the provider `lab` with a VNC console, as YAML has it. */
export function machine(id: string, { host, port, password }: VncAddress, more: object = {}) {
  return { id, consoles: { vnc: { host, port, password: logBook.secret(password) } }, ...more };
}

/**
 * Everything real between a person and a machine: Chromium, a network that can be cut, the gateway,
 * Redis and guacd.
 */
export class Stage {
  readonly redis: ServerProcess & { readonly url: string };
  readonly guacd: ServerProcess;
  readonly browser: TestBrowser;
  /** Where Chromium finds the gateway. */
  readonly network: TcpProxy;
  readonly #options: TestGatewayOptions;
  readonly #port: number;
  #gateway: TestGateway;

  private constructor(
    parts: Pick<Stage, 'redis' | 'guacd' | 'browser' | 'network'>,
    options: TestGatewayOptions,
    gateway: TestGateway,
    port: number,
  ) {
    this.redis = parts.redis;
    this.guacd = parts.guacd;
    this.browser = parts.browser;
    this.network = parts.network;
    this.#options = options;
    this.#gateway = gateway;
    this.#port = port;
  }

  /** `started` ends it all. */
  static async start(
    started: Disposables,
    { machines, config }: Pick<TestGatewayOptions, 'machines' | 'config'>,
    ...browserFlags: readonly string[]
  ): Promise<Stage> {
    const [redis, guacd, browser, network] = await Promise.all([
      started.start(startRedis({ appendOnly: true })),
      started.start(startGuacd()),
      started.start(startBrowser(...browserFlags)),
      started.start(TcpProxy.start()),
    ]);
    return onFreePort(async (port) => {
      network.targetPort = port;
      const addresses = { publicUrl: network.url, listen: { port } };
      const options = { redis, guacd, machines, config: { ...config, ...addresses } };
      const gateway = await startDirect(options, port);
      const stage = new Stage({ redis, guacd, browser, network }, options, gateway, port);
      started.add(() => stage.#gateway.stop());
      return stage;
    });
  }

  get gateway(): TestGateway {
    return this.#gateway;
  }

  async stopGateway(): Promise<void> {
    await this.#gateway.stop();
  }

  /** The same configuration on the same port. */
  async startGateway(): Promise<void> {
    this.#gateway = await startDirect(this.#options, this.#port);
  }

  /** Opens a console by the API and its URL in a window of its own; `started` closes it. */
  async open(started: Disposables, body: object, window: Window = DESK): Promise<ConsolePage> {
    return this.enter(started, await this.#gateway.open(body), window);
  }

  /** The URL of an open console in a window of its own; `started` closes it. */
  async enter(
    started: Disposables,
    opened: { readonly id: string; readonly url: string },
    window: Window = DESK,
  ): Promise<ConsolePage> {
    const tab = await started.start(this.browser.newPage(window));
    const page = new ConsolePage(tab, opened);
    await page.goto(opened.url);
    return page;
  }

  /** As `open`, until the machine's picture is shown. */
  async show(started: Disposables, body: object, window: Window = DESK): Promise<ConsolePage> {
    const page = await this.open(started, body, window);
    await page.reaches('connected');
    return page;
  }

  /** A window with nothing in it yet; `started` closes it. */
  newTab(started: Disposables, window: Window = DESK): Promise<TestPage> {
    return started.start(this.browser.newPage(window));
  }

  /** What the API says of a console once it is as expected. */
  reaches(id: string, expected: (view: ConsoleView) => boolean): Promise<ConsoleView> {
    const look = async () => {
      const view = await this.#gateway.view(id);
      return expected(view) && view;
    };
    return until(look, { timeout: 8000, what: 'the expected state' });
  }
}

/** A gateway whose API the test reaches whatever the network in between is doing. */
async function startDirect(options: TestGatewayOptions, port: number): Promise<TestGateway> {
  const gateway = await TestGateway.start(options);
  return new TestGateway({ url: `http://127.0.0.1:${port}`, stop: () => gateway.stop() });
}
