import { encode } from './instruction.ts';

/**
 * What a participant holds down at the machine: keys, buttons, touches. guacd does not let go of
 * them when its user leaves or may no longer type. Pure: instructions in, instructions out.
 */
export class HeldInput {
  readonly #keys = new Set<string>();
  readonly #touches = new Map<string, readonly string[]>();
  #pointer: { readonly x: string; readonly y: string; readonly mask: string } | null = null;

  /** One instruction that goes to guacd, opcode first. */
  note([opcode, ...values]: readonly string[]): void {
    const [first = '', second = '', third = '0'] = values;
    if (opcode === 'key') {
      if (second === '0') this.#keys.delete(first);
      else this.#keys.add(first);
    } else if (opcode === 'mouse') {
      this.#pointer = { x: first, y: second, mask: third };
    } else if (opcode === 'touch') {
      // id, x, y, radiusX, radiusY, angle, force; without force the finger is lifted.
      if (Number(values[6] ?? 0) === 0) this.#touches.delete(first);
      else this.#touches.set(first, values);
    }
  }

  /** The instructions that let go of everything, the last key first; empty for nothing. */
  release(): string {
    const keys = [...this.#keys].toReversed().map((keysym) => ['key', keysym, '0']);
    const touches = [...this.#touches.values()].map((values) => [
      'touch',
      ...values.slice(0, 6),
      '0',
    ]);
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
