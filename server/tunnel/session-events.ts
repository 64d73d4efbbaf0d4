import type { TunnelEnd } from '../consoles/tunnel-port.ts';
import type { FrameSink } from './frame-assembler.ts';

/** What comes of a session. Nothing more comes after `ended`, `forgotten`, nor `close`. */
export interface SessionEvents {
  /** guacd said `ready`. */
  opened(): void;
  /** The machine's screen has its size, and is drawn from now on. */
  drawing(): void;
  /**
   * There are images, but no layer for them, or layers, but no screen: guacd up to 1.5.3 may draw before
   * it has its user on the list of those who are told (GUACAMOLE-1846), as it happens on a busy machine.
   * No later frame mends it.
   *
   * @returns true when the session was closed for it; nothing more comes then.
   */
  missed(): boolean;
  /** guacd hung up before it was ready, without a word. True when it is asked again; nothing more comes then. */
  hungUp(): boolean;
  /** The first picture: guacd has reached the machine, by the connection of this id. */
  pictured(connection: string): void;
  /** guacd asks for these parameters. False when nobody can be asked, which ends the session. */
  asked(names: readonly string[]): boolean;
  /** guacd does not have the connection that was to be joined. Nothing more comes. */
  forgotten(): void;
  /** Part of a message for the page: see FrameSink. */
  frame: FrameSink['frame'];
  /** The session is over and its socket closed; why may take a look at the machine. */
  ended(end: TunnelEnd | Promise<TunnelEnd>): void;
}
