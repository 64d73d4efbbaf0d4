/** What comes to a termproxy: a line with a ticket, then messages, cut up however they are. */
export class TermproxyReader {
  onData: (data: Buffer) => void = () => undefined;
  onSize: (columns: number, rows: number) => void = () => undefined;
  #bytes = Buffer.alloc(0);
  #left = 0;
  #signedIn = false;
  #onLine: (line: string) => void = () => undefined;
  readonly #line = new Promise<string>((resolve) => {
    this.#onLine = resolve;
  });

  /** The first line, without its end. */
  line(): Promise<string> {
    return this.#line;
  }

  push(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    if (!this.#signedIn && !this.#takeLine()) return;
    while (this.#bytes.length > 0 && this.#take());
  }

  #takeLine(): boolean {
    const end = this.#bytes.indexOf('\n');
    if (end < 0) return false;
    this.#signedIn = true;
    this.#onLine(this.#bytes.subarray(0, end).toString());
    this.#bytes = this.#bytes.subarray(end + 1);
    return true;
  }

  /** One message, or what is there of data; false where more has to come. */
  #take(): boolean {
    if (this.#left > 0) {
      const data = this.#bytes.subarray(0, this.#left);
      this.#left -= data.length;
      this.#bytes = this.#bytes.subarray(data.length);
      this.onData(data);
      return true;
    }
    const text = this.#bytes.subarray(0, 32).toString('latin1');
    const data = /^0:(\d+):/.exec(text);
    const size = /^1:(\d+):(\d+):/.exec(text);
    const other = /^[^01]/.exec(text);
    const whole = data ?? size ?? other;
    if (!whole) return false;
    this.#bytes = this.#bytes.subarray(whole[0].length);
    if (data) this.#left = Number(data[1]);
    if (size) this.onSize(Number(size[1]), Number(size[2]));
    return true;
  }
}
