import { type Credential, MAX_CREDENTIAL } from '../contract/index.ts';
import { GatewayError } from '../errors.ts';

/** MAX_CREDENTIAL bytes in base64, as blobs carry them. */
const MAX_BLOBS = Math.ceil(MAX_CREDENTIAL / 3) * 4;

/**
 * The page's answer to guacd's `required`: for each name one stream of `argv`, `blob`s and `end`
 * (Guacamole manual, "Guacamole protocol reference"). Each name once, and no other. Keeps no value.
 */
export class CredentialPrompt {
  readonly #missing: Set<string>;
  /** Characters so far, by the index of a stream that has not ended. */
  readonly #streams = new Map<string, number>();

  constructor(names: readonly Credential[]) {
    this.#missing = new Set(names);
  }

  /** Whether every name has been answered to its end. */
  get answered(): boolean {
    return this.#missing.size === 0 && this.#streams.size === 0;
  }

  /**
   * Whether this instruction of the page goes to guacd; null for one that is no part of an answer.
   *
   * @throws GatewayError `instruction_too_large`
   */
  take([opcode, index = '', ...values]: readonly string[]): boolean | null {
    if (opcode === 'argv') {
      const [, name = ''] = values;
      if (this.#streams.has(index) || !this.#missing.delete(name)) return false;
      this.#streams.set(index, 0);
      return true;
    }
    const before = this.#streams.get(index);
    if (before === undefined) return null;
    if (opcode === 'blob') {
      const size = before + (values[0] ?? '').length;
      if (size > MAX_BLOBS) {
        throw new GatewayError('instruction_too_large', 'the browser sent too long a credential');
      }
      this.#streams.set(index, size);
      return true;
    }
    return opcode === 'end' ? this.#streams.delete(index) : null;
  }
}
