/** Where something stands in what is imported. */
export interface Place {
  readonly file: string;
  /** From 1; absent where the whole file is meant. */
  readonly line?: number | undefined;
}

/** What an import leaves behind, each thing told once: where it stands, its name, and why. */
export class Notes {
  readonly #lines = new Set<string>();

  /** Neither `key` nor `why` may hold a value: it may be a secret. */
  add({ file, line }: Place, key: string, why: string): void {
    this.#lines.add(`${file}${line === undefined ? '' : `:${line}`}: ${key}: ${why}`);
  }

  get lines(): readonly string[] {
    return [...this.#lines];
  }
}
