import { inspect } from 'node:util';

/**
 * A value that no log line, JSON body, template string or inspector shows. `reveal()` is the one
 * way to it, so that every use of a secret can be found by its name.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}
