import { Arrivals } from './arrivals.ts';

/** The text of one Guacamole instruction: `4.sync,3.123;`. Lengths count Unicode characters. */
export function instruction(...elements: readonly (string | number)[]): string {
  return `${elements
    .map(String)
    .map((element) => `${[...element].length}.${element}`)
    .join(',')};`;
}

/** Cuts a byte stream into instructions, however it was segmented. */
export class InstructionReader {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  readonly #queue: string[][] = [];
  readonly #arrivals = new Arrivals();
  #text = '';
  #end: Error | undefined;

  push(chunk: Uint8Array): void {
    this.#text += this.#decoder.decode(chunk, { stream: true });
    for (let at = 0; ; ) {
      const parsed = parse(this.#text, at);
      if (!parsed) {
        this.#text = this.#text.slice(at);
        if (at > 0) this.#arrivals.came();
        return;
      }
      at = parsed.end;
      this.#queue.push(parsed.elements);
    }
  }

  /** No more will come: whoever reads after the last instruction gets `reason`. */
  end(reason: Error): void {
    this.#end ??= reason;
    this.#arrivals.came();
  }

  /** The next instruction, opcode first. Rejects at the stream's end and after `timeout` ms. */
  read(timeout = 5000): Promise<string[]> {
    const next = (): string[] | undefined => {
      const oldest = this.#queue.shift();
      if (!oldest && this.#end) throw this.#end;
      return oldest;
    };
    return this.#arrivals.next(next, timeout, () => `no instruction in ${timeout} ms`);
  }
}

function parse(text: string, start: number): { elements: string[]; end: number } | undefined {
  const elements: string[] = [];
  for (let at = start; ; ) {
    const dot = text.indexOf('.', at);
    if (dot < 0) return undefined;
    const digits = text.slice(at, dot);
    if (!/^\d+$/.test(digits)) throw new Error(`not an element's length: ${digits.slice(0, 20)}`);
    let end = dot + 1;
    for (let left = Number(digits); left > 0; left -= 1) {
      const unit = text.charCodeAt(end);
      end += unit >= 0xd800 && unit < 0xdc00 ? 2 : 1;
      if (end > text.length) return undefined;
    }
    const terminator = text[end];
    if (terminator === undefined) return undefined;
    elements.push(text.slice(dot + 1, end));
    at = end + 1;
    if (terminator === ';') return { elements, end: at };
    if (terminator !== ',') throw new Error(`an element ends with ${terminator}`);
  }
}
