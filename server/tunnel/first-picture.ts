/**
 * The end of a frame. Before the first one there may be a cursor, a background or an empty
 * terminal, which guacd 1.3.0 draws before it has reached the machine.
 */
const PICTURE = 'sync';
/** Each layer has a size before it has an image: where it has none, the beginning is missing. */
const DRAWING = ['size', 'img'];
/** The layer that is the machine's screen; those below are buffers. */
const SCREEN = 0;
/** Sizes and images at which one looks before a picture is there. A screen has a few dozen layers. */
const MOST_LOOKS = 8192;

/** What is known of a session's first picture, and whether its beginning is missing. Pure. */
export class FirstPicture {
  /** The layers that have a size; null when it does not matter any more. */
  #sized: Set<number> | null = new Set();
  #looks = 0;
  #isThere = false;

  get isThere(): boolean {
    return this.#isThere;
  }

  /** The opcodes that say something about it. */
  get opcodes(): readonly string[] {
    return [...(this.#isThere ? [] : [PICTURE]), ...(this.#sized ? DRAWING : [])];
  }

  /** Whether what may be missing of it is not looked for any more. */
  get isSettled(): boolean {
    return this.#sized === null;
  }

  /** It is not looked for that any more. */
  settle(): void {
    this.#sized = null;
  }

  /** A layer has a size. True for the machine's screen. */
  size(layer: number): boolean {
    this.#looked();
    this.#sized?.add(layer);
    if (layer === SCREEN && this.#isThere) this.settle();
    return layer === SCREEN;
  }

  /** Whether an image is for a layer of which no size was told. */
  lacksLayer(layer: number): boolean {
    this.#looked();
    return layer >= SCREEN && this.#sized?.has(layer) === false;
  }

  /** Whether there are sizes of other layers, the pointer's at least, and none of the screen's. */
  get lacksScreen(): boolean {
    return this.#sized !== null && this.#sized.size > 0 && !this.#sized.has(SCREEN);
  }

  /** Its frame has ended. */
  arrive(): void {
    this.#isThere = true;
    if (this.#sized?.has(SCREEN)) this.settle();
  }

  /** Each look costs time, each layer memory. */
  #looked(): void {
    this.#looks += 1;
    if (this.#looks > MOST_LOOKS) this.settle();
  }
}
