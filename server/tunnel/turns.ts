import { OWN_SIZE } from './read-buffers.ts';

/**
 * Bytes after which other sockets have their turn. libuv reads one socket up to 32 times before it looks
 * at the next (libuv 1.46, uv__read), which with large buffers is milliseconds for everybody else.
 */
const TURN = OWN_SIZE;
/** Bytes after which a session rests where others are, so that the processors are never taken by those who stream. */
const SPELL = 2 * TURN;
/** For which it rests at least. ms */
const REST_MS = 1;

/** How the sessions of a process share its time. */
export class Turns {
  #sessions = 0;

  /** For a new session's socket. */
  join(): Turn {
    this.#sessions += 1;
    return new Turn(this);
  }

  leave(): void {
    this.#sessions -= 1;
  }

  /** Whether there is anybody to make room for. */
  get areShared(): boolean {
    return this.#sessions > 1;
  }
}

/** One session's. */
export class Turn {
  readonly #turns: Turns;
  #turn = 0;
  #spell = 0;
  #rest: NodeJS.Timeout | undefined;

  constructor(turns: Turns) {
    this.#turns = turns;
  }

  /**
   * So many bytes were read.
   *
   * @param goOn called when it is this session's turn again.
   * @returns false when it is the others' until then.
   */
  took(count: number, goOn: () => void): boolean {
    this.#turn += count;
    if (this.#turn < TURN) return true;
    this.#spell += this.#turn;
    this.#turn = 0;
    if (this.#spell >= SPELL && this.#turns.areShared) this.#rest = setTimeout(goOn, REST_MS);
    else setImmediate(goOn);
    if (this.#spell >= SPELL) this.#spell = 0;
    return false;
  }

  /** The session is over. Once. */
  leave(): void {
    clearTimeout(this.#rest);
    this.#turns.leave();
  }
}
