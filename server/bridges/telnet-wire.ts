import { Transform, type TransformCallback } from 'node:stream';

/** RFC 854; ECHO is of RFC 857, SGA of RFC 858, NAWS of RFC 1073. */
const IAC = 255;
const DO = 253;
const WILL = 251;
const SB = 250;
const SE = 240;
const ECHO = 1;
const SGA = 3;
const NAWS = 31;
const CR = 13;
const NUL = 0;

/** Sizes are the longest that is listened to. */
const MOST_SUBNEGOTIATION = 64;

/** Said first: what is typed is echoed by the machine, and the window's size is of interest. */
export const OPENING = Buffer.from([IAC, WILL, ECHO, IAC, WILL, SGA, IAC, DO, NAWS]);

/** Size of a terminal, in characters. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** What a telnet client types, without what the protocol says in between; it tells the window's size. */
export class TelnetInput extends Transform {
  #state: 'data' | 'command' | 'option' | 'sub' | 'subCommand' = 'data';
  #afterCr = false;
  #sub: number[] = [];
  #size: TerminalSize | undefined;
  #onSize: ((size: TerminalSize) => void) | undefined;

  /** Told the size that is known, and each later one. */
  set onSize(tell: (size: TerminalSize) => void) {
    this.#onSize = tell;
    if (this.#size) tell(this.#size);
  }

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    const typed: number[] = [];
    for (const byte of chunk) this.#take(byte, typed);
    if (typed.length > 0) this.push(Buffer.from(typed));
    done();
  }

  #take(byte: number, typed: number[]): void {
    switch (this.#state) {
      case 'data':
        if (byte === IAC) this.#state = 'command';
        else this.#type(byte, typed);
        return;
      case 'command':
        this.#state = 'data';
        if (byte === IAC) this.#type(byte, typed);
        else if (byte === SB) this.#begin();
        else if (byte > SB) this.#state = 'option';
        return;
      case 'option':
        this.#state = 'data';
        return;
      case 'sub':
        if (byte === IAC) this.#state = 'subCommand';
        else this.#note(byte);
        return;
      case 'subCommand':
        this.#state = byte === SE ? 'data' : 'sub';
        if (byte === SE) this.#end();
        else this.#note(byte);
        return;
    }
  }

  /** A NUL after a carriage return says only that no line feed follows. */
  #type(byte: number, typed: number[]): void {
    if (!(this.#afterCr && byte === NUL)) typed.push(byte);
    this.#afterCr = byte === CR;
  }

  #begin(): void {
    this.#state = 'sub';
    this.#sub = [];
  }

  #note(byte: number): void {
    if (this.#sub.length < MOST_SUBNEGOTIATION) this.#sub.push(byte);
  }

  #end(): void {
    const [option, ...bytes] = this.#sub;
    if (option !== NAWS || bytes.length !== 4) return;
    const size = Buffer.from(bytes);
    const [columns, rows] = [size.readUInt16BE(0), size.readUInt16BE(2)];
    // Zero says that a client does not know.
    if (columns === 0 || rows === 0) return;
    this.#size = { columns, rows };
    this.#onSize?.(this.#size);
  }
}

/** What a terminal shows, as a telnet client takes it. */
export class TelnetOutput extends Transform {
  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    if (!chunk.includes(IAC)) return done(null, chunk);
    done(null, Buffer.from([...chunk].flatMap((byte) => (byte === IAC ? [IAC, IAC] : [byte]))));
  }
}
