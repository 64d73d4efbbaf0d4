import Guacamole from 'guacamole-common-js';
import type { PointerState } from '../display/display.ts';
import { TOUCH_MODES, type TouchMode } from './touch-mode.ts';

export interface PointerListener {
  pointer(state: PointerState): void;
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
    this.#mouse.onEach(EVENTS, (event) => {
      listener.touched(false);
      listener.pointer(stateOf(event));
    });
    const devices: Record<TouchMode, Guacamole.Mouse.Touchscreen | Guacamole.Mouse.Touchpad> = {
      touchscreen: new Guacamole.Mouse.Touchscreen(stage),
      touchpad: new Guacamole.Mouse.Touchpad(stage),
    };
    for (const mode of TOUCH_MODES) {
      devices[mode].onEach(EVENTS, (event) => {
        if (mode !== this.touchMode) return;
        listener.touched(true);
        listener.pointer(stateOf(event));
      });
    }
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
