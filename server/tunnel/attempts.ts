import type { TunnelEnd, TunnelGrant } from '../consoles/tunnel-port.ts';
import type { Logger } from '../log.ts';
import { GuacdSession, type SessionParts } from './guacd-session.ts';
import type { SessionEvents } from './session-events.ts';

/** How often the session is replaced by a new one. */
const MOST_REDIALS = 3;
/** How often another session is begun beside one. */
const MOST_ASIDE = 2;
/** Bytes that a session may have sent and yet have shown nothing: `nop`, empty frames, the pointer's picture. */
const QUIET = 4096;
/** Sessions of a process that wait beside another. Where more show nothing, it is not by bad luck. */
const MOST_STANDBYS = 16;

/** guacd's parameters with which it does something else before it draws. */
const DETOURS = [
  ...['wol-send-packet', 'enable-sftp', 'enable-audio', 'reverse-connect', 'dest-host'],
  ...['autoretry'],
];

export interface AttemptsParts extends SessionParts {
  /** Of all tunnels of the process: the sessions that wait beside another. */
  readonly standbys: Set<GuacdSession>;
  readonly log: Logger;
}

/** What a tunnel is told of the sessions that are tried, as if they were one. */
export interface AttemptsEvents extends Omit<SessionEvents, 'drawing' | 'missed' | 'hungUp'> {
  /** From now on this is the session: it is what is written to, and held back. */
  using(session: GuacdSession): void;
}

/**
 * A tunnel's session of guacd's, tried again where guacd lets it hang or has drawn behind its back, until there
 * is a first picture. Of a session that is given up the page has seen nothing that the next one does not draw
 * over.
 *
 * - Not `ready` in time, or hung up before that: once more, in its place.
 * - Images without a layer, layers without a screen (SessionEvents.missed): in its place.
 * - Nothing drawn, by guacd 1.3 or 1.4: RDP, SSH and Telnet in its place, for there it draws a screen before it
 *   asks the machine for anything. VNC, where the machine may just be slow: twice beside it, and the first
 *   to draw is kept.
 */
export class Attempts implements SessionEvents {
  readonly #parts: AttemptsParts;
  readonly #events: AttemptsEvents;
  /** For the log. */
  readonly #tunnelId: string;
  #session: GuacdSession;
  #standby: GuacdSession | null = null;
  #timer: NodeJS.Timeout | undefined;
  #redials = 0;
  #aside = 0;
  #closed = false;

  constructor(grant: TunnelGrant, tunnelId: string, parts: AttemptsParts, events: AttemptsEvents) {
    this.#parts = parts;
    this.#events = events;
    this.#tunnelId = tunnelId;
    this.#session = this.#dial(grant);
  }

  /** Closes whatever session there is; nothing more is told. */
  close(): void {
    this.#closed = true;
    this.#decided();
    this.#session.close();
  }

  opened(): void {
    this.#events.opened();
    if (!this.#closed) this.#awaitDrawing(this.#parts.limits.undrawn);
  }

  drawing(): void {
    this.#decided();
  }

  missed(): boolean {
    if (this.#redials === MOST_REDIALS) return false;
    this.#redials += 1;
    this.#note();
    this.#decided();
    this.#session.close();
    this.#session = this.#dial(this.#session.grant);
    return true;
  }

  hungUp(): boolean {
    return this.#onceMore();
  }

  pictured(connection: string): void {
    this.#dismiss();
    this.#events.pictured(connection);
  }

  asked(names: readonly string[]): boolean {
    this.#decided();
    return this.#events.asked(names);
  }

  forgotten(): void {
    this.#decided();
    this.#events.forgotten();
  }

  frame(buffer: Buffer, start: number, end: number, fin: boolean, own: boolean): boolean {
    return this.#events.frame(buffer, start, end, fin, own);
  }

  ended(end: TunnelEnd | Promise<TunnelEnd>): void {
    // A machine that has room for one may have closed the first for the second.
    if (this.#standby !== null) {
      Promise.resolve(end).catch(() => undefined);
      return this.#replaceBy(this.#standby);
    }
    this.#decided();
    this.#events.ended(end);
  }

  #dial(grant: TunnelGrant): GuacdSession {
    const session = new GuacdSession(grant, this.#parts, this);
    this.#events.using(session);
    this.#after(this.#parts.limits.unready, () => {
      // guacd may lack the plugin, or be busy: its time limits are for that.
      this.#onceMore();
    });
    return session;
  }

  /** In its place, where nothing was tried yet. False where it was. */
  #onceMore(): boolean {
    return this.#redials === 0 && this.missed();
  }

  /**
   * Whoever joins is told all that was drawn before; what comes by a bridge cannot be dialled twice, and
   * takes longer than guacd does.
   */
  #awaitDrawing(time: number): void {
    const { bridged, join } = this.#session.grant;
    clearTimeout(this.#timer);
    if (bridged || join !== null) this.#session.settle();
    else this.#after(time, () => this.#nothingDrawn(time));
  }

  #nothingDrawn(waited: number): void {
    const session = this.#session;
    if (session.isSettled) return;
    if (session.received <= QUIET && this.#isTelling) {
      if (session.grant.protocol !== 'vnc') return void this.missed();
      this.#callStandby();
    }
    this.#awaitDrawing(2 * waited);
  }

  /** Whether it tells something that nothing was drawn. */
  get #isTelling(): boolean {
    const { beginsWithSize, grant } = this.#session;
    return beginsWithSize && !DETOURS.some((name) => grant.parameters[name]);
  }

  #callStandby(): void {
    const { standbys } = this.#parts;
    if (this.#aside === MOST_ASIDE) return;
    this.#aside += 1;
    this.#dismiss();
    if (standbys.size >= MOST_STANDBYS) return;
    const leave = (): boolean => {
      this.#dismiss();
      return true;
    };
    const standby = new GuacdSession(this.#session.grant, this.#parts, {
      opened: () => {},
      drawing: () => {
        this.#note();
        this.#replaceBy(standby);
        this.#decided();
      },
      missed: leave,
      hungUp: leave,
      pictured: () => {},
      asked: () => false,
      frame: () => true,
      forgotten: leave,
      ended: (end) => {
        Promise.resolve(end).catch(() => undefined);
        this.#dismiss();
      },
    });
    this.#standby = standby;
    this.#parts.standbys.add(standby);
  }

  #replaceBy(standby: GuacdSession): void {
    this.#parts.standbys.delete(standby);
    this.#standby = null;
    this.#session.close();
    this.#session = standby;
    standby.hand(this);
    this.#events.using(standby);
    if (standby.pictured !== null) this.#events.pictured(standby.pictured);
  }

  /** No other session is needed any more. */
  #decided(): void {
    clearTimeout(this.#timer);
    this.#dismiss();
  }

  #dismiss(): void {
    if (this.#standby === null) return;
    this.#parts.standbys.delete(this.#standby);
    this.#standby.close();
    this.#standby = null;
  }

  #after(time: number, act: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(act, time);
  }

  #note(): void {
    const { consoleId, machine } = this.#session.grant;
    const { log } = this.#parts;
    log.info({ consoleId, machine, tunnelId: this.#tunnelId }, 'guacd is asked again');
  }
}
