import Guacamole from 'guacamole-common-js';
import type { Credential, DisplaySize, TokenAnswer } from '../../../server/contract/index.ts';
import type { Display, DisplayListener, PointerState, Zoom } from './display.ts';
import { GuacamoleLink } from './guacamole-link.ts';
import {
  ontoPicture,
  type Placement,
  type Point,
  place,
  type Size,
  toPicture,
} from './placement.ts';

/** Milliseconds of quiet before a new window size is told to the machine. */
const RESIZE_PAUSE = 250;

/** The engine for all that guacd speaks: Guacamole's own client behind the page's port. */
export class GuacamoleDisplay implements Display {
  readonly #listeners: DisplayListener[] = [];
  readonly #stage = document.createElement('div');
  readonly #resizes = new ResizeObserver(() => this.#resized());
  #viewport: HTMLElement | null = null;
  #link: GuacamoleLink | null = null;
  /** The link whose picture is on the stage: the last one that brought one. */
  #shown: GuacamoleLink | null = null;
  #placement: Placement = { scale: 1, x: 0, y: 0 };
  #zoom: Zoom = 'fit';
  #cursorDrawn = false;
  #clipboard: string | null = null;
  #resizeTimer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.#stage.className = 'stage';
  }

  listen(listener: DisplayListener): void {
    this.#listeners.push(listener);
  }

  mount(element: HTMLElement): HTMLElement {
    this.#viewport = element;
    element.append(this.#stage);
    this.#resizes.observe(element);
    return this.#stage;
  }

  connect(grant: TokenAnswer): void {
    this.disconnect();
    this.#clipboard = null;
    const link = new GuacamoleLink(grant, {
      opened: () => this.#tell((listener) => listener.opened?.()),
      prompted: (names) => this.#tell((listener) => listener.prompted?.(names)),
      pictured: () => this.#picture(link),
      wavered: () => this.#tell((listener) => listener.wavered?.()),
      steadied: () => this.#tell((listener) => listener.steadied?.()),
      dropped: (fault) => {
        this.#link = null;
        this.#tell((listener) => listener.dropped?.(fault));
      },
      clipboard: (text) => {
        this.#clipboard = text;
        this.#tell((listener) => listener.clipboard?.(text));
      },
    });
    const display = link.client.getDisplay();
    display.onresize = () => this.#place();
    display.oncursor = (picture, x, y) =>
      this.#tell((listener) => listener.cursor?.(picture, x, y));
    this.#link = link;
  }

  disconnect(): void {
    this.#link?.dispose();
    this.#link = null;
  }

  dispose(): void {
    clearTimeout(this.#resizeTimer);
    this.#resizes.disconnect();
    this.disconnect();
    this.#shown = null;
    this.#stage.remove();
    this.#listeners.length = 0;
  }

  wantedSize(): DisplaySize {
    const pixels = (length: number) =>
      Math.min(Math.max(Math.floor(length * devicePixelRatio), 64), 8192);
    return {
      width: pixels(this.#viewport?.clientWidth ?? innerWidth),
      height: pixels(this.#viewport?.clientHeight ?? innerHeight),
      dpi: Math.min(Math.max(Math.round(96 * devicePixelRatio), 48), 600),
    };
  }

  zoom(zoom: Zoom): void {
    this.#zoom = zoom;
    this.#place();
  }

  answer(values: ReadonlyMap<Credential, string>): void {
    this.#link?.answer(values);
  }

  sendKey(pressed: boolean, keysym: number): void {
    if (this.#link === null) return;
    this.#link.client.sendKeyEvent(pressed ? 1 : 0, keysym);
    this.#tell((listener) => listener.used?.());
  }

  sendPointer(state: PointerState): Point {
    if (this.#link === null || this.#link !== this.#shown) return state;
    const picture = this.#pictureSize();
    const { x, y } = toPicture(state, this.#placement, picture);
    const { left, middle, right, up, down } = state;
    const mouse = new Guacamole.Mouse.State(x, y, left, middle, right, up, down);
    this.#link.client.sendMouseState(mouse);
    this.#tell((listener) => listener.used?.());
    return ontoPicture(state, this.#placement, picture);
  }

  drawCursor(drawn: boolean): void {
    this.#cursorDrawn = drawn;
    this.#shown?.client.getDisplay().showCursor(drawn);
  }

  setClipboard(text: string): void {
    if (text === this.#clipboard) return;
    this.#clipboard = text;
    if (this.#link === null) return;
    this.#link.sendText(text);
    this.#tell((listener) => listener.used?.());
  }

  #tell(tell: (listener: DisplayListener) => void): void {
    for (const listener of this.#listeners) tell(listener);
  }

  #picture(link: GuacamoleLink): void {
    this.#shown = link;
    const display = link.client.getDisplay();
    this.#stage.replaceChildren(display.getElement());
    display.showCursor(this.#cursorDrawn);
    this.#place();
    this.#askForSize();
    this.#tell((listener) => listener.pictured?.());
  }

  #pictureSize(): Size {
    const display = this.#shown?.client.getDisplay();
    return { width: display?.getWidth() ?? 0, height: display?.getHeight() ?? 0 };
  }

  #resized(): void {
    this.#place();
    clearTimeout(this.#resizeTimer);
    this.#resizeTimer = setTimeout(() => this.#askForSize(), RESIZE_PAUSE);
  }

  #askForSize(): void {
    const { width, height } = this.wantedSize();
    this.#link?.client.sendSize(width, height);
  }

  #place(): void {
    if (this.#viewport === null || this.#shown === null) return;
    const { clientWidth: width, clientHeight: height } = this.#viewport;
    this.#placement = place(this.#pictureSize(), { width, height }, this.#zoom, devicePixelRatio);
    const { scale, x, y } = this.#placement;
    this.#shown.client.getDisplay().scale(scale);
    this.#stage.style.padding = `${y}px 0 0 ${x}px`;
  }
}
