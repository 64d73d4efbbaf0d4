import {
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  performServerHandshake,
} from 'node:http2';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Duplex, Readable, Writable } from 'node:stream';
import { GatewayError } from '../errors.ts';
import { within } from '../platform/within.ts';
import { EgressProxy } from './egress-proxy.ts';
import type { ProgramPlace, Screen, ScreenSpec } from './runner.ts';
import {
  asSocket,
  IMAGE_PLACE,
  LINK,
  LINK_WINDOW,
  type ScreenOrder,
  watchLink,
} from './screen-link.ts';

/** A container or pod that holds a screen. */
export interface Carrier {
  /** To the screen's end of the link. */
  readonly stream: Duplex;
  /** Settles with its last words when it has ended; never rejects. */
  readonly ended: Promise<string>;
  /** Ends it and leaves nothing. Idempotent. */
  remove(): Promise<void>;
}

export interface LinkedScreenOptions extends Pick<ScreenOrder, 'network' | 'tried'> {
  readonly carrier: Carrier;
  readonly spec: ScreenSpec;
  /** Until it shows. ms */
  readonly startMs: number;
  /** What is said of one that has a network. */
  readonly networkFault: string;
}

const MOST_STREAMS = 256;
const MOST_WORDS = 8192;

/** A screen that runs elsewhere, at the gateway's end of its link. What comes from there is not trusted. */
export class LinkedScreen implements Screen {
  readonly ended: Promise<string>;
  readonly #options: LinkedScreenOptions;
  readonly #session: ServerHttp2Session;
  readonly #proxy: EgressProxy;
  readonly #shown: Promise<void>;
  #show: () => void = () => undefined;
  #isOrdered = false;
  #channel: ServerHttp2Stream | undefined;
  #control: ServerHttp2Stream | undefined;
  /** Connections that the screen is ready to make, and those who wait for one. */
  readonly #stock: ServerHttp2Stream[] = [];
  readonly #waiting: ((stream: ServerHttp2Stream) => void)[] = [];
  #words = '';
  #network = false;
  #sandbox = false;
  #stopping: Promise<void> | undefined;

  private constructor(options: LinkedScreenOptions, socket: Socket) {
    const { carrier, spec } = options;
    this.#options = options;
    this.#proxy = new EgressProxy(spec);
    this.#shown = new Promise((resolve) => {
      this.#show = resolve;
    });
    this.ended = carrier.ended.then((words) => this.#words || words);
    socket.on('error', () => undefined);
    this.#session = performServerHandshake(socket, {
      settings: { initialWindowSize: LINK_WINDOW, maxConcurrentStreams: MOST_STREAMS },
    });
    this.#session.on('error', () => undefined);
    this.#session.on('stream', (stream, headers) => this.#take(stream, headers));
    this.#session.once('close', () => void this.stop());
    void this.ended.then(() => this.stop());
    watchLink(this.#session);
  }

  /**
   * Resolves when it shows.
   *
   * @throws Error with its last words; GatewayError `kvm_unavailable` when it has a network. It leaves
   * nothing then.
   */
  static async open(options: LinkedScreenOptions): Promise<LinkedScreen> {
    const { carrier } = options;
    const socket = await asSocket(carrier.stream).catch(async (error: unknown) => {
      await carrier.remove();
      throw error;
    });
    const screen = new LinkedScreen(options, socket);
    try {
      await screen.#becomesReady();
      return screen;
    } catch (error) {
      await screen.stop();
      throw error;
    }
  }

  get place(): ProgramPlace {
    return { ...IMAGE_PLACE, sandbox: this.#sandbox };
  }

  allowPorts(ports: readonly number[]): void {
    this.#proxy.allowPorts(ports);
  }

  get channel(): { readonly input: Writable; readonly output: Readable } {
    if (!this.#channel) throw new Error('a screen that shows has its channel');
    return { input: this.#channel, output: this.#channel };
  }

  acceptInput(accept: boolean): void {
    if (this.#control?.writable) this.#control.write(accept ? '1\n' : '0\n');
  }

  async reach(): Promise<Duplex> {
    const gone = this.ended.then((): never => {
      throw new GatewayError('kvm_crashed', 'the screen of this console has ended');
    });
    const stream = await Promise.race([this.#next(), gone]);
    stream.respond();
    return stream;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #becomesReady(): Promise<void> {
    const { spec, startMs, networkFault } = this.#options;
    const limit = within(startMs, spec.signal);
    limit.throwIfAborted();
    const late = once(limit, 'abort').then((): never => {
      throw new Error(`no screen in ${startMs / 1000} s`);
    });
    const gone = this.ended.then((words): never => {
      const cause = new Error(`no screen: ${words || 'it says nothing'}`);
      if (this.#network) throw new GatewayError('kvm_unavailable', networkFault, { cause });
      throw cause;
    });
    await Promise.race([this.#shown, gone, late]);
  }

  #take(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    // What is reset by the other side is no news.
    stream.on('error', () => undefined);
    switch (headers[':path'] ?? '') {
      case LINK.start:
        this.#order(stream, headers['sandbox'] === '1');
        break;
      case LINK.channel:
        stream.respond();
        this.#channel ??= stream;
        this.#showWhenWhole();
        break;
      case LINK.control:
        stream.respond();
        this.#control ??= stream;
        this.#showWhenWhole();
        break;
      case LINK.rfb:
        this.#put(stream);
        break;
      case LINK.proxy:
        stream.respond();
        this.#proxy.accept(stream);
        break;
      case LINK.end:
        this.#hear(stream, headers['end'] === 'network');
        break;
      default:
        stream.respond({ ':status': 404 }, { endStream: true });
    }
  }

  /** Once: a screen shows one thing. */
  #order(stream: ServerHttp2Stream, sandbox: boolean): void {
    if (this.#isOrdered) {
      stream.respond({ ':status': 409 }, { endStream: true });
      return;
    }
    this.#isOrdered = true;
    const { spec, network, tried } = this.#options;
    const { size, program } = spec;
    const { files = {}, policy = null } = program;
    this.#sandbox = sandbox;
    const command = program.command(this.place);
    const order: ScreenOrder = { size, command, files, policy, network, tried };
    stream.respond();
    stream.end(JSON.stringify(order));
  }

  #showWhenWhole(): void {
    if (this.#isOrdered && this.#channel && this.#control) this.#show();
  }

  #put(stream: ServerHttp2Stream): void {
    const waiting = this.#waiting.shift();
    if (waiting) {
      waiting(stream);
      return;
    }
    this.#stock.push(stream);
    stream.once('close', () => {
      const at = this.#stock.indexOf(stream);
      if (at >= 0) this.#stock.splice(at, 1);
    });
  }

  #next(): Promise<ServerHttp2Stream> {
    const stream = this.#stock.shift();
    if (stream) return Promise.resolve(stream);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #hear(stream: ServerHttp2Stream, isNetwork: boolean): void {
    this.#network = isNetwork;
    stream.on('data', (chunk: Buffer) => {
      this.#words = (this.#words + chunk.toString()).slice(-MOST_WORDS);
    });
    stream.once('end', () => {
      stream.respond({ ':status': 204 }, { endStream: true });
    });
  }

  async #stop(): Promise<void> {
    this.#session.destroy();
    this.#options.carrier.stream.destroy();
    this.#proxy.stop();
    await this.#options.carrier.remove();
  }
}
