import { GatewayError } from '../errors.ts';
import { encode } from './instruction.ts';

/** Keys or touches that are remembered; nobody holds more, and what is held longest is forgotten first. */
const MOST = 256;
/** Of a number, in characters: browsers write fractions with 17 digits. */
const LONGEST = 32;

/**
 * What a participant holds down at the machine: keys, buttons, touches. guacd does not let go of
 * them when its user leaves or may no longer type. Pure: instructions in, instructions out. Whatever
 * comes, it is small.
 */
export class HeldInput {
  readonly #keys = new Set<number>();
  readonly #touches = new Map<number, readonly string[]>();
  #pointer: { readonly x: string; readonly y: string; readonly mask: string } | null = null;

  /**
   * One instruction that goes to guacd, opcode first.
   *
   * @throws GatewayError `instruction_invalid` for values that are no numbers
   */
  note([opcode = '', ...values]: readonly string[]): void {
    if (!values.every(isNumber)) {
      throw new GatewayError(
        'instruction_invalid',
        `the browser sent '${opcode}' with what is no number`,
      );
    }
    const [first = '', second = '', third = '0'] = values;
    const id = Math.trunc(Number(first));
    if (opcode === 'key') {
      this.#keys.delete(id);
      if (second !== '0') this.#keys.add(id);
      forget(this.#keys);
    } else if (opcode === 'mouse') {
      this.#pointer = { x: first, y: second, mask: third };
    } else if (opcode === 'touch') {
      // id, x, y, radiusX, radiusY, angle, force; without force the finger is lifted.
      this.#touches.delete(id);
      if (Number(values[6] ?? 0) !== 0) this.#touches.set(id, values.slice(0, 6));
      forget(this.#touches);
    }
  }

  /** The instructions that let go of everything, the last key first; empty for nothing. */
  release(): string {
    const keys = [...this.#keys].toReversed().map((keysym) => ['key', String(keysym), '0']);
    const touches = [...this.#touches.values()].map((values) => ['touch', ...values, '0']);
    const buttons =
      this.#pointer && Number(this.#pointer.mask) !== 0
        ? [['mouse', this.#pointer.x, this.#pointer.y, '0']]
        : [];
    this.#keys.clear();
    this.#touches.clear();
    this.#pointer = null;
    return [...buttons, ...touches, ...keys].map(encode).join('');
  }
}

function isNumber(value: string): boolean {
  return value !== '' && value.length <= LONGEST && Number.isFinite(Number(value));
}

/** The oldest, where there are too many. */
function forget(held: Set<number> | Map<number, unknown>): void {
  const [oldest] = held.keys();
  if (held.size > MOST && oldest !== undefined) held.delete(oldest);
}
