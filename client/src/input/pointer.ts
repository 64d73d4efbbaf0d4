import Guacamole from 'guacamole-common-js';
import type { PointerState } from '../display/display.ts';
import type { Point } from '../display/placement.ts';
import type { TouchMode } from './touch-mode.ts';

export interface PointerListener {
  /** Returns where the pointer ended up. */
  pointer(state: PointerState): Point;
  /** Fingers (the machine's pointer must be drawn) or a mouse (the browser draws it). */
  touched(touch: boolean): void;
}

const EVENTS = ['mousedown', 'mousemove', 'mouseup'];

/** Mouse and fingers on the stage. Positions are CSS pixels from the stage's corner. */
export class Pointer {
  readonly #mouse: Guacamole.Mouse;
  touchMode: TouchMode = 'touchscreen';

  constructor(stage: HTMLElement, listener: PointerListener) {
    this.#mouse = new Guacamole.Mouse(stage);
    const touchpad = new Guacamole.Mouse.Touchpad(stage);
    const touchscreen = new Guacamole.Mouse.Touchscreen(stage);
    // Until something else has moved it, the pointer is in the middle.
    Object.assign(touchpad.currentState, { x: stage.clientWidth / 2, y: stage.clientHeight / 2 });
    const take = (event: Guacamole.Event, touch: boolean) => {
      listener.touched(touch);
      const { x, y } = listener.pointer(stateOf(event));
      // A touchpad pushes the pointer from where it is, whatever moved it there.
      Object.assign(touchpad.currentState, { x, y });
    };
    this.#mouse.onEach(EVENTS, (event) => take(event, false));
    touchscreen.onEach(EVENTS, (event) => {
      if (this.touchMode === 'touchscreen') take(event, true);
    });
    touchpad.onEach(EVENTS, (event) => {
      if (this.touchMode === 'touchpad') take(event, true);
    });
  }

  /** Shows the machine's pointer as the browser's own, which follows the hand without delay. */
  setCursor(picture: HTMLCanvasElement, x: number, y: number): void {
    this.#mouse.setCursor(picture, x, y);
  }
}

function stateOf(event: Guacamole.Event): PointerState {
  const { x, y, left, middle, right, up, down } = (event as Guacamole.Mouse.Event).state;
  return { x, y, left, middle, right, up, down };
}
