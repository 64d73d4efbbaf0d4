import Guacamole from 'guacamole-common-js';
import { MenuChord } from './menu-chord.ts';

export interface KeyboardListener {
  key(pressed: boolean, keysym: number): void;
  menu(): void;
}

/**
 * The real keyboard. While `captured` says so every key goes to the machine; the menu's chord works
 * at all times and its last key never gets there.
 */
export class Keyboard {
  readonly #keyboard = new Guacamole.Keyboard();
  readonly #chord = new MenuChord();
  readonly #listener: KeyboardListener;
  readonly #captured: () => boolean;
  readonly #disposer = new AbortController();

  constructor(listener: KeyboardListener, captured: () => boolean) {
    this.#listener = listener;
    this.#captured = captured;
    const options = { capture: true, signal: this.#disposer.signal };
    // Before Guacamole's own listeners, so that the chord's last key can be kept from them.
    window.addEventListener('keydown', (event) => this.#down(event), options);
    window.addEventListener('keyup', (event) => this.#chord.up(event.code), options);
    window.addEventListener('blur', () => this.#blur(), options);
    document.addEventListener('focusin', () => this.refresh(), options);
    document.addEventListener('focusout', () => queueMicrotask(() => this.refresh()), options);
    this.#keyboard.listenTo(document);
    this.refresh();
  }

  /** Takes or leaves the keyboard, as `captured` says now; leaving releases every held key. */
  refresh(): void {
    const captured = !this.#disposer.signal.aborted && this.#captured();
    if (captured === (this.#keyboard.onkeydown !== null)) return;
    if (!captured) this.#keyboard.reset();
    this.#keyboard.onkeydown = captured ? (keysym) => this.#key(true, keysym) : null;
    this.#keyboard.onkeyup = captured ? (keysym) => this.#key(false, keysym) : null;
  }

  /** Releases every key that the machine believes to be held. */
  release(): void {
    this.#keyboard.reset();
  }

  dispose(): void {
    this.#disposer.abort();
    this.refresh();
  }

  #key(pressed: boolean, keysym: number): false {
    this.#listener.key(pressed, keysym);
    return false;
  }

  #down(event: KeyboardEvent): void {
    if (event.repeat || !this.#chord.down(event.code)) return;
    event.preventDefault();
    event.stopPropagation();
    this.#keyboard.reset();
    this.#listener.menu();
  }

  #blur(): void {
    this.#chord.reset();
    this.#keyboard.reset();
  }
}
