import { EventEmitter, once } from 'node:events';
import { createInterface } from 'node:readline';
import type { CoverText } from '../cover-text.ts';
import type { Screen } from '../runner.ts';
import { statusLine } from './status-window.ts';

/** How a console's program has ended. */
export interface ProgramEnd {
  /** Its exit code; 128 and more are signals. */
  readonly code: number;
  /** The last 4 KB of what it said. */
  readonly words: string;
}

/** What java-program.ts is told and says, over a screen's channel. */
export class JavaChannel {
  readonly #input: Screen['channel']['input'];
  readonly #events = new EventEmitter<{ change: []; covered: []; left: [] }>();
  #window = false;
  #end: ProgramEnd | undefined;

  constructor({ input, output }: Screen['channel']) {
    this.#input = input;
    createInterface(output).on('line', (line) => this.#take(line));
  }

  /** Whether the console's program has a window now. */
  get window(): boolean {
    return this.#window;
  }

  get end(): ProgramEnd | undefined {
    return this.#end;
  }

  /** Resolves when this is seen. @throws the signal's reason. */
  async cover(text: CoverText, signal: AbortSignal): Promise<void> {
    const covered = once(this.#events, 'covered', { signal });
    this.#tell(`cover ${statusLine(text)}`);
    await covered;
  }

  uncover(): void {
    this.#tell('uncover');
  }

  /** Starts the console's program by this JNLP file, and leads to these ports of the BMC's. */
  run(jnlp: string, ports: readonly number[]): void {
    this.#tell(['run', Buffer.from(jnlp).toString('base64'), ...ports].join(' '));
  }

  /** Resolves when the console's program has ended. */
  async leave(signal: AbortSignal): Promise<void> {
    const left = once(this.#events, 'left', { signal });
    this.#tell('leave');
    await left;
  }

  /** Resolves with the next change of `window` or `end`. @throws the signal's reason. */
  async changed(signal: AbortSignal): Promise<void> {
    await once(this.#events, 'change', { signal });
  }

  onChange(listener: () => void): void {
    this.#events.on('change', listener);
  }

  #tell(line: string): void {
    if (this.#input.writable) this.#input.write(`${line}\n`);
  }

  #take(line: string): void {
    const [word, value = '', rest = ''] = line.split(' ');
    if (word === 'left' || word === 'covered') {
      this.#events.emit(word);
      return;
    }
    if (word === 'window') this.#window = value === '1';
    if (word === 'ended') {
      this.#window = false;
      this.#end = { code: Number(value), words: Buffer.from(rest, 'base64').toString() };
    }
    this.#events.emit('change');
  }
}
