const MODIFIERS = ['Control', 'Alt', 'Shift'] as const;

/**
 * Notices Ctrl-Alt-Shift in any order, alone. It goes by `KeyboardEvent.code`: with Shift held, some
 * systems call the Alt key `Meta`.
 */
export class MenuChord {
  readonly #held = new Set<string>();

  /** True when this key completes the chord. */
  down(code: string): boolean {
    if (this.#held.has(code)) return false;
    this.#held.add(code);
    const held = [...this.#held];
    const alone = held.every((key) => MODIFIERS.some((modifier) => key.startsWith(modifier)));
    return alone && MODIFIERS.every((modifier) => held.some((key) => key.startsWith(modifier)));
  }

  up(code: string): void {
    this.#held.delete(code);
  }

  /** The window lost the keyboard: what happens to the keys now is not told. */
  reset(): void {
    this.#held.clear();
  }
}
