import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { GatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { KvmRequest } from '../providers/provider-context.ts';
import type { Evidence } from './evidence.ts';
import { inTime } from './in-time.ts';
import type { KvmSession, SessionFactory } from './kvm-session.ts';
import type { Screen, ScreenRunner } from './runner.ts';

export interface KvmConsoleParts {
  readonly runner: ScreenRunner;
  readonly evidence: Evidence;
  readonly session: SessionFactory;
  /** For signing in. ms */
  readonly loginMs: number;
  readonly log: Logger;
}

/** How often it is looked whether the console is still there, and how often it may be missing. */
const WATCH_MS = 2000;
const MOST_MISSES = 3;
/** A gateway that stops has ten seconds for everything. ms */
const LOGOUT_MS = 3000;
const WORDS = {
  login: 'Signing in at the management controller…',
  openConsole: 'Opening the console…',
  shown: 'Waiting until the console shows…',
} as const;

/** One screen with one BMC's console on it, from its start to the last trace of it. */
export class KvmConsole {
  readonly #parts: KvmConsoleParts;
  readonly #request: KvmRequest;
  readonly #session: KvmSession;
  readonly #abort = new AbortController();
  readonly #since = Date.now();
  #screen: Screen | undefined;
  #work: Promise<void> = Promise.resolve();
  #signedOut: Promise<void> = Promise.resolve();
  /** Those who look at the screen: one that dies may not have let go of them when they are told. */
  readonly #reached = new Set<Duplex>();
  #releasing: Promise<void> | undefined;
  #over = false;

  constructor(request: KvmRequest, parts: KvmConsoleParts) {
    this.#request = request;
    this.#parts = parts;
    const { runner, loginMs, log } = parts;
    this.#session = parts.session({
      ...{ request, runner, loginMs, log, signal: this.#abort.signal },
      onTrouble: (error) => this.#fail(error),
    });
  }

  /** Whether it has ended, or failed in a way that may have passed when somebody comes back. */
  get over(): boolean {
    const reason: unknown = this.#abort.signal.reason;
    return this.#over || (reason instanceof GatewayError && reason.row.retry);
  }

  /**
   * Resolves when the screen shows what is being done; the rest follows by itself.
   *
   * @throws GatewayError `kvm_unavailable`
   */
  async start(signal: AbortSignal): Promise<void> {
    const { name } = this.#request;
    try {
      this.#screen = await this.#session.open(signal);
      void this.#screen.ended.then(() => this.#ended());
      await this.#cover(WORDS.login, false);
    } catch (cause) {
      await this.release();
      if (cause instanceof GatewayError) throw cause;
      const message = `${name}: the program that shows the console does not start`;
      throw new GatewayError('kvm_unavailable', message, { cause });
    }
    this.#work = this.#walk().catch((error: unknown) => this.#fail(error));
  }

  /** @throws GatewayError `kvm_crashed` */
  async reach(): Promise<Duplex> {
    if (!this.#screen) throw new GatewayError('kvm_crashed', 'the screen has ended');
    const stream = await this.#screen.reach();
    this.#reached.add(stream);
    stream.once('close', () => this.#reached.delete(stream));
    return stream;
  }

  /** Signs out, frees the BMC's console and ends everything. Idempotent, never throws. */
  release(): Promise<void> {
    this.#releasing ??= this.#release();
    return this.#releasing;
  }

  async #walk(): Promise<void> {
    const { name: machine, vendor } = this.#request;
    const session = this.#session;
    for (const step of ['login', 'openConsole', 'shown'] as const) {
      this.#abort.signal.throwIfAborted();
      await this.#cover(WORDS[step], false);
      await session[step]();
    }
    this.#abort.signal.throwIfAborted();
    await session.uncover();
    this.#screen?.acceptInput(true);
    this.#parts.log.info({ machine, vendor }, 'BMC console shows');
    await this.#watch();
  }

  /** A BMC that restarts takes its console away, and what showed it may go on as if nothing were. */
  async #watch(): Promise<void> {
    for (let misses = 0; misses < MOST_MISSES; ) {
      await pause(WATCH_MS, undefined, { signal: this.#abort.signal, ref: false });
      misses = (await this.#session.stillShows()) ? 0 : misses + 1;
    }
    throw new GatewayError('bmc_lost', `${this.#request.name}: the BMC shows its console no more`);
  }

  /** The first of what goes wrong is told, on the screen and to whoever holds the console. */
  #fail(reason: unknown): void {
    if (this.#abort.signal.aborted) return;
    const { name, onFault } = this.#request;
    const { log } = this.#parts;
    const error = this.#session.errorOf(reason);
    this.#abort.abort(error);
    if (error.status === 'internal') log.error({ machine: name, err: reason }, 'BMC console fails');
    if (error.status === 'kvm_crashed') for (const stream of this.#reached) stream.destroy();
    onFault(error);
    this.#screen?.acceptInput(false);
    void this.#endFailed(error);
  }

  /** Each step whatever became of the one before: a page that does not let itself be left has a session. */
  async #endFailed(failure: GatewayError): Promise<void> {
    if (!this.#screen || this.#over) return;
    const { name } = this.#request;
    const session = this.#session;
    const attempt = (step: Promise<void>, what: string): Promise<void> =>
      step.catch((err: unknown) => this.#parts.log.debug({ err }, what));
    if (failure.status === 'kvm_page_changed') await attempt(this.#keepEvidence(), 'no evidence');
    // Before the words: a page that waits for the next one takes nothing in.
    await attempt(session.leave(), 'its page stays');
    await attempt(this.#cover(failure.message.replace(`${name}: `, ''), true), 'no picture of it');
    await inTime(this.#logout(), LOGOUT_MS);
  }

  async #keepEvidence(): Promise<void> {
    const session = this.#session;
    if (!session.evidence) return;
    const { name, credentials } = this.#request;
    const { evidence, log } = this.#parts;
    const secrets = credentials ? [credentials.password.reveal(), credentials.username] : [];
    const path = await evidence.keep(name, await session.evidence(secrets), new Date());
    log.warn({ machine: name, path }, 'a picture of the BMC’s page is kept');
  }

  async #cover(text: string, failed: boolean): Promise<void> {
    const { name: title } = this.#request;
    await this.#session.cover({ title, text, failed, since: this.#since });
  }

  /** The screen has ended, by us or by itself. */
  #ended(): void {
    this.#over = true;
    if (!this.#releasing) {
      this.#fail(new GatewayError('kvm_crashed', `${this.#request.name}: the screen has ended`));
    }
  }

  async #release(): Promise<void> {
    const { log } = this.#parts;
    this.#session.expectEnd();
    if (!this.#abort.signal.aborted) this.#abort.abort(new Error('nobody looks any more'));
    if (this.#screen && !this.#over) await this.#session.leave().catch(() => undefined);
    await inTime(this.#work, LOGOUT_MS);
    await inTime(this.#logout(), LOGOUT_MS);
    await this.#screen?.stop().catch((err: unknown) => log.error({ err }, 'a screen does not end'));
    // A BMC that is slow may have signed us in by now: its session ends as well.
    const signedOut = this.#work.then(() => this.#logout());
    await inTime(
      signedOut.then(() => this.#session.close()).catch(() => undefined),
      LOGOUT_MS,
    );
    this.#over = true;
  }

  /** As often as is wanted, one after the other; never rejects. */
  #logout(): Promise<void> {
    this.#signedOut = this.#signedOut
      .then(() => this.#session.logout())
      .catch((err: unknown) => {
        this.#parts.log.warn({ machine: this.#request.name, err }, 'the BMC does not sign us out');
      });
    return this.#signedOut;
  }
}
