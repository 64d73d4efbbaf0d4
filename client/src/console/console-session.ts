import type {
  Credential,
  CreatedShare,
  MachineControls,
  ShareRequest,
  ShareView,
} from '../../../server/contract/index.ts';
import { faultOf } from '../api/fault-code.ts';
import type { ConsoleApi } from '../api/gateway-api.ts';
import type { MachineCalls } from '../api/machine-calls.ts';
import { watchConsole } from '../api/watch-console.ts';
import type { Display } from '../display/display.ts';
import { advance } from './advance.ts';
import {
  type Call,
  type Command,
  initialPage,
  type Page,
  type PageEvent,
  type Remembered,
} from './page-state.ts';

export interface ConsoleSessionOptions {
  readonly api: ConsoleApi;
  readonly display: Display;
  /** The launch key of the page's address, if it had one. */
  readonly key: string | null;
  readonly remembered: Remembered;
  /** The IANA zone that the target is told. */
  readonly timezone: () => string;
  readonly onChange: (page: Page) => void;
}

/** Milliseconds between two notes that a person uses the console. */
const USED_EVERY = 500;

/** Carries out what the state machine decides: calls, the event stream, the display, one timer. */
export class ConsoleSession {
  /** What the machine is told; one that is switched on is waited for. */
  readonly machine: MachineCalls;
  readonly #api: ConsoleApi;
  readonly #display: Display;
  readonly #timezone: () => string;
  readonly #onChange: (page: Page) => void;
  #page: Page;
  #watch: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ConsoleSessionOptions) {
    const { display } = options;
    this.#api = options.api;
    this.machine = {
      ...options.api.machine,
      power: async (action) => {
        await options.api.machine.power(action);
        if (action === 'on') this.dispatch({ type: 'switched-on' });
      },
    };
    this.#display = display;
    this.#timezone = options.timezone;
    this.#onChange = options.onChange;
    this.#page = initialPage(options.key, options.remembered, Math.random());
    display.listen({
      opened: () => this.dispatch({ type: 'opened' }),
      prompted: (names) => this.dispatch({ type: 'prompted', names }),
      pictured: () => this.dispatch({ type: 'pictured' }),
      wavered: () => this.dispatch({ type: 'wavered' }),
      steadied: () => this.dispatch({ type: 'steadied' }),
      dropped: (fault) => this.dispatch({ type: 'dropped', fault }),
      used: () => this.#used(),
    });
  }

  get page(): Page {
    return this.#page;
  }

  /** The gateway's clock as far as it is known, in milliseconds. */
  serverNow(): number {
    return Date.now() + this.#page.clockOffset;
  }

  dispatch(event: PageEvent): void {
    const { page, commands } = advance(this.#page, event, Date.now());
    this.#page = page;
    this.#onChange(page);
    for (const command of commands) this.#run(command);
  }

  /** Ends the console for everyone. Throws what `faultOf` reads when the gateway did not do it. */
  async close(): Promise<void> {
    this.dispatch({ type: 'closing-here', closing: true });
    try {
      await this.#api.close();
    } catch (error) {
      this.dispatch({ type: 'closing-here', closing: false });
      throw error;
    }
    this.dispatch({ type: 'closed-here' });
  }

  /** What the machine asked for goes to it, and nowhere else. */
  answer(values: ReadonlyMap<Credential, string>): void {
    this.#display.answer(values);
    this.dispatch({ type: 'credentials-sent' });
  }

  /** Asks for more time. Throws what `faultOf` reads when there is none; the page stays as it is then. */
  async extend(): Promise<void> {
    const console = await this.#api.extend();
    this.dispatch({ type: 'told', console, serverTime: null });
  }

  /** What the machine can be told. Throws what `faultOf` reads. */
  controls(signal: AbortSignal): Promise<MachineControls> {
    return this.#api.controls(signal);
  }

  share(wish: ShareRequest): Promise<CreatedShare> {
    return this.#api.share(wish);
  }

  shares(): Promise<readonly ShareView[]> {
    return this.#api.shares();
  }

  revoke(share: string): Promise<void> {
    return this.#api.revoke(share);
  }

  /** Gives keyboard and mouse to the holder or to a guest by their id. Throws ApiError. */
  async control(recipient: string): Promise<void> {
    const console = await this.#api.control(recipient);
    this.dispatch({ type: 'told', console, serverTime: null });
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#watch?.abort();
    this.#watch = null;
    this.#display.disconnect();
  }

  /** A hand on the mouse says so a hundred times a second. */
  #used(): void {
    const { usedAt } = this.#page;
    if (usedAt === null || Date.now() - usedAt >= USED_EVERY) this.dispatch({ type: 'used' });
  }

  #run(command: Command): void {
    switch (command.do) {
      case 'redeem':
        return this.#call('redeem', this.#api.redeem(command), (answer) => ({
          type: 'told',
          console: answer.console,
          serverTime: answer.serverTime,
          viewer: answer.viewer,
        }));
      case 'look':
        return this.#call('look', this.#api.look(), ({ viewer, ...console }) => ({
          type: 'told',
          console,
          serverTime: null,
          viewer,
        }));
      case 'token':
        clearTimeout(this.#timer);
        return this.#call(
          'token',
          this.#api.token({ display: this.#display.wantedSize(), timezone: this.#timezone() }),
          (grant) => ({ type: 'granted', grant }),
        );
      case 'connect':
        return this.#display.connect(command.grant);
      case 'hang-up':
        return this.#display.disconnect();
      case 'watch':
        return this.#startWatch();
      case 'unwatch':
        this.#watch?.abort();
        return;
      case 'wake':
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.dispatch({ type: 'woken' }), command.at - Date.now());
        return;
    }
  }

  #call<T>(call: Call, answer: Promise<T>, event: (answer: T) => PageEvent): void {
    answer.then(
      (value) => this.dispatch(event(value)),
      (error: unknown) => this.dispatch({ type: 'refused', call, fault: faultOf(error) }),
    );
  }

  #startWatch(): void {
    this.#watch?.abort();
    this.#watch = new AbortController();
    void watchConsole(
      this.#api,
      (event) =>
        this.dispatch(
          event.type === 'step'
            ? { type: 'stepped', step: event.step }
            : { type: 'told', console: event.console, serverTime: event.serverTime },
        ),
      this.#watch.signal,
    );
  }
}
