import type { Credential, DisplaySize, TokenAnswer } from '../../../server/contract/index.ts';
import type { FaultCode } from '../api/fault-code.ts';
import type { Point } from './placement.ts';

/** `fit` shrinks or grows the picture to the window; `actual` shows one pixel as one pixel. */
export const ZOOMS = ['fit', 'actual'] as const;
export type Zoom = (typeof ZOOMS)[number];

/** Position in CSS pixels from the stage's corner, and which buttons are down. */
export interface PointerState {
  readonly x: number;
  readonly y: number;
  readonly left: boolean;
  readonly middle: boolean;
  readonly right: boolean;
  readonly up: boolean;
  readonly down: boolean;
}

export interface DisplayListener {
  /** The way to the machine is open; nothing has been seen of it yet. */
  opened?(): void;
  /** The machine asks for these, and waits for `answer`. */
  prompted?(names: readonly Credential[]): void;
  pictured?(): void;
  /** Nothing has come for a while; `steadied` when it does again. */
  wavered?(): void;
  steadied?(): void;
  /** The connection ended, and not because `disconnect` was called. */
  dropped?(fault: FaultCode): void;
  /** What a person did was sent. */
  used?(): void;
  clipboard?(text: string): void;
  /** The machine's pointer: its picture and hot spot in pixels. */
  cursor?(picture: HTMLCanvasElement, x: number, y: number): void;
}

/**
 * What shows a machine's screen and takes its input, whatever protocol brings them. The last picture
 * stays on the stage after the connection has ended, until the next one brings its own.
 */
export interface Display {
  listen(listener: DisplayListener): void;
  /** Puts the stage into the element, which must have a size; returns the stage. */
  mount(element: HTMLElement): HTMLElement;
  /** Begins a connection and ends the one before, which is not heard of any more. */
  connect(grant: TokenAnswer): void;
  /** Idempotent, and silent: `dropped` is not called. */
  disconnect(): void;
  /** Ends all and empties the element. */
  dispose(): void;
  /** What a machine that can change its resolution should have, in device pixels. */
  wantedSize(): DisplaySize;
  zoom(zoom: Zoom): void;
  /** What `prompted` asked for. */
  answer(values: ReadonlyMap<Credential, string>): void;
  /** X11 keysym. */
  sendKey(pressed: boolean, keysym: number): void;
  /** Returns where the pointer is now: at the picture's edge when it was sent beside it. */
  sendPointer(state: PointerState): Point;
  /** Whether the pointer is drawn into the picture (touch) or left to the browser (mouse). */
  drawCursor(drawn: boolean): void;
  setClipboard(text: string): void;
}
