import type { StatusCode } from '../contract/index.ts';
import { GatewayError, toGatewayError } from '../errors.ts';
import type { KvmJava } from '../providers/provider-context.ts';
import type { CoverText } from './cover-text.ts';
import { Board } from './java/board.ts';
import { JavaChannel, type ProgramEnd } from './java/java-channel.ts';
import { javaProgram } from './java/java-program.ts';
import { type Jnlp, readJnlp } from './java/jnlp.ts';
import type { WebStart } from './java/web-start.ts';
import { whyFailed } from './java/why-failed.ts';
import type { KvmSession, SessionContext } from './kvm-session.ts';
import { targetOf } from './public-key.ts';
import type { Served } from './egress-proxy.ts';
import { type Screen, type ScreenSpec, screenSize } from './runner.ts';

export interface JavaParts {
  readonly java: KvmJava;
  readonly webStart: WebStart;
  /** IP addresses of the BMC. */
  readonly addresses: readonly string[];
}

interface Attached {
  readonly screen: Screen;
  readonly channel: JavaChannel;
}

/** A JVM starts in a second or two, and in a minute where much else runs. ms */
const SHOWN_MS = 120_000;
/** For the status window to come up. ms */
const COVER_MS = 20_000;
/** Its program ends by itself in two seconds, or is ended. ms */
const LEAVE_MS = 5000;
/** Java 14 has taken pack200 away (JEP 367). */
const LAST_WITH_PACK200 = 13;
const PACKED = '.pack.gz';
/** An exit code of a program that a signal has ended. */
const SIGNAL = 128;

/**
 * A Java console: the gateway signs in and takes the JNLP file and its archives from the BMC, whose
 * certificate it knows; icedtea-web runs them on the screen.
 */
export class JavaSession implements KvmSession {
  readonly #spec: Pick<ScreenSpec, 'program' | 'sockets' | 'serve'>;
  readonly #context: SessionContext;
  readonly #parts: JavaParts;
  readonly #board: Board;
  readonly #archives = new Map<string, Promise<Buffer | null>>();
  #served: ReadonlySet<string> = new Set();
  #jnlp: Jnlp | undefined;
  #attached: Attached | undefined;
  #closing = false;

  constructor(context: SessionContext, parts: JavaParts) {
    const { request, loginMs, signal } = context;
    const { java, webStart, addresses } = parts;
    const { host } = targetOf(request.url);
    this.#context = context;
    this.#parts = parts;
    this.#board = new Board({ request, java, loginMs, signal });
    this.#spec = {
      program: javaProgram({ webStart, host, addresses }),
      sockets: { host, addresses },
      serve: (path) => this.#serve(path),
    };
  }

  async open(signal: AbortSignal): Promise<Screen> {
    const { request, runner, log } = this.#context;
    const target = targetOf(request.url);
    const screen = await runner.start({
      ...{ ...this.#spec, signal, size: screenSize(request.display), target: () => target },
      onRefused: (address) =>
        log.debug({ machine: request.name, address }, 'address is not the BMC’s'),
    });
    this.#attached = { screen, channel: new JavaChannel(screen.channel) };
    return screen;
  }

  async cover(text: CoverText): Promise<void> {
    await this.#channel.cover(text, AbortSignal.timeout(COVER_MS));
  }

  async uncover(): Promise<void> {
    this.#channel.uncover();
  }

  login(): Promise<void> {
    return this.#board.login();
  }

  async openConsole(): Promise<void> {
    const jnlp = readJnlp(await this.#board.jnlp());
    if (!jnlp) {
      const what = 'the BMC gives no JNLP file where one is expected (kvm.java.jnlpPath)';
      throw this.#fault('kvm_page_changed', what);
    }
    if (jnlp === 'too-big') {
      const what = 'the JNLP file of the BMC names more than a console can be made of';
      throw this.#fault('kvm_page_changed', what);
    }
    this.#jnlp = jnlp;
    const packed = jnlp.archives.map((path) => path + PACKED);
    this.#served = new Set([...jnlp.archives, ...(this.#unpacks ? packed : [])]);
    await Promise.all(jnlp.wanted.map((path) => this.#mustHave(path, jnlp.packed)));
    const { screen, channel } = this.#opened;
    const { request } = this.#context;
    const { port } = targetOf(request.url);
    const ports = [...new Set([port, ...this.#parts.java.ports, ...jnlp.ports])];
    screen.allowPorts(ports);
    channel.run(jnlp.rewritten(`http://${screen.place.proxy}/`), ports);
  }

  async shown(): Promise<void> {
    const { signal } = this.#context;
    const channel = this.#channel;
    const limit = AbortSignal.timeout(SHOWN_MS);
    while (!channel.window) {
      if (channel.end) throw this.#neverShown(channel.end);
      await channel.changed(AbortSignal.any([signal, limit])).catch((cause: unknown) => {
        signal.throwIfAborted();
        const what = `its Java console shows no window within ${SHOWN_MS / 1000} s`;
        throw this.#fault('kvm_java_failed', what, cause);
      });
    }
    channel.onChange(() => {
      if (channel.end) this.#ended(channel.end);
    });
  }

  async stillShows(): Promise<boolean> {
    return this.#channel.window;
  }

  errorOf(reason: unknown): GatewayError {
    return toGatewayError(reason);
  }

  async leave(): Promise<void> {
    await this.#attached?.channel.leave(AbortSignal.timeout(LEAVE_MS));
  }

  logout(): Promise<void> {
    return this.#board.logout();
  }

  expectEnd(): void {
    this.#closing = true;
  }

  close(): Promise<void> {
    return this.#board.close();
  }

  get #opened(): Attached {
    if (this.#attached) return this.#attached;
    throw new Error('the screen is not there yet');
  }

  get #channel(): JavaChannel {
    return this.#opened.channel;
  }

  get #unpacks(): boolean {
    return this.#parts.webStart.major <= LAST_WITH_PACK200;
  }

  /** What icedtea-web asks for; the BMC is asked once for each, and for nothing else. */
  async #serve(path: string): Promise<Served | null> {
    if (!this.#served.has(path)) return null;
    const body = await this.#archive(path);
    return body && { type: 'application/java-archive', body };
  }

  #archive(path: string): Promise<Buffer | null> {
    const known = this.#archives.get(path) ?? this.#board.archive(path);
    this.#archives.set(path, known);
    return known;
  }

  /** An archive that a BMC has only packed is for Javas of its time. */
  async #mustHave(path: string, mayBePacked: boolean): Promise<void> {
    const { major } = this.#parts.webStart;
    if (mayBePacked && this.#unpacks && (await this.#archive(path + PACKED))) return;
    if (await this.#archive(path)) return;
    if (mayBePacked && !this.#unpacks && (await this.#archive(path + PACKED))) {
      const what = `its console is packed as only Java 8 to ${LAST_WITH_PACK200} unpacks it, and here it runs with Java ${major}`;
      throw this.#fault('kvm_java_missing', what);
    }
    throw this.#fault(
      'kvm_page_changed',
      `the BMC does not have the archive ${path} of its console`,
    );
  }

  #neverShown(end: ProgramEnd): GatewayError {
    const { log, request } = this.#context;
    log.warn(
      { machine: request.name, words: this.#masked(end.words) },
      'Java console ends at once',
    );
    if (end.code >= SIGNAL) return this.#fault('kvm_crashed', 'Java has ended');
    const { status, what } = whyFailed(end, this.#parts.webStart.major);
    return this.#fault(status, what);
  }

  #ended({ code }: ProgramEnd): void {
    if (this.#closing) return;
    const { onTrouble } = this.#context;
    if (code >= SIGNAL) onTrouble(this.#fault('kvm_crashed', 'Java has ended'));
    else onTrouble(this.#fault('bmc_lost', 'its Java console has ended by itself'));
  }

  #masked(words: string): string {
    const { password } = this.#context.request.credentials ?? {};
    const secrets = [...(this.#jnlp?.secrets ?? []), ...(password ? [password.reveal()] : [])];
    return secrets.reduce((text, secret) => text.replaceAll(secret, '••••'), words);
  }

  #fault(status: StatusCode, what: string, cause?: unknown): GatewayError {
    return new GatewayError(status, `${this.#context.request.name}: ${what}`, { cause });
  }
}
