import { messageIn, post, type Asked, type Told } from './messages.ts';

/** What a console's page may use that a frame has to be allowed. */
const ALLOWED = 'clipboard-read; clipboard-write; fullscreen';
/** Milliseconds between two looks whether the tab is still there. */
const TAB_LOOK = 1000;
/** Milliseconds after which a frame's page should have spoken. */
const SILENCE = 10_000;

/**
 * `<rackside-console src="…" mode="frame|tab" title="…">`: a console in a frame of its parent's size,
 * or in a tab that a click on its content opens (docs/embedding.md). Believes the origin of `src` and
 * the window that it opened itself, and no other.
 */
export class RacksideConsole extends HTMLElement {
  static readonly observedAttributes = ['src', 'mode', 'title'];

  readonly #root = this.attachShadow({ mode: 'closed' });
  #frame: HTMLIFrameElement | null = null;
  #tab: Window | null = null;
  #tabTimer: ReturnType<typeof setInterval> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  /** Not `isConnected`, which is true already while an element of the page is being upgraded. */
  #placed = false;

  constructor() {
    super();
    // Unlike a style element it is no inline style to the CSP of the page around.
    const style = new CSSStyleSheet();
    style.replaceSync(
      ':host { display: block; width: 100%; height: 100% }' +
        ':host([hidden]) { display: none }' +
        ":host([mode='tab']) { display: inline-block; width: auto; height: auto }" +
        'iframe { display: block; width: 100%; height: 100%; border: 0 }',
    );
    this.#root.adoptedStyleSheets = [style];
    this.addEventListener('click', () => {
      if (this.#inTab) this.open();
    });
  }

  connectedCallback(): void {
    window.addEventListener('message', this.#onMessage);
    this.#placed = true;
    this.#render();
  }

  disconnectedCallback(): void {
    window.removeEventListener('message', this.#onMessage);
    this.#placed = false;
    this.#leave();
  }

  /** A link works once: it is followed again only where it is another, or another way to show it. */
  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (name === 'title' && this.#frame) this.#frame.title = this.#title;
    else if (name !== 'title' && this.#placed && before !== after) this.#render();
  }

  /**
   * Opens the console in a tab; for `mode="tab"`, and to be called in a click. False when the browser
   * would not.
   */
  open(): boolean {
    const url = this.#url;
    if (!url) return false;
    if (this.#tab?.closed === false) {
      this.#tab.focus();
      return true;
    }
    this.#tab = window.open(url.href, '_blank');
    clearInterval(this.#tabTimer);
    this.#tabTimer = setInterval(() => {
      if (this.#tab?.closed !== true) return;
      this.#tab = null;
      clearInterval(this.#tabTimer);
      this.#tell('disconnected', { code: 'client_left' });
    }, TAB_LOOK);
    return this.#tab !== null;
  }

  /** Gives the console the keyboard. */
  override focus(): void {
    if (this.#inTab) this.#tab?.focus();
    this.#frame?.focus();
    this.#ask('focus');
  }

  /** Ends the console for everyone. `rackside-closed` says when it is done. */
  close(): void {
    this.#ask('close');
  }

  get #inTab(): boolean {
    return this.getAttribute('mode') === 'tab';
  }

  get #title(): string {
    return this.getAttribute('title') || 'Console';
  }

  /** Null for what leads to no web page. */
  get #url(): URL | null {
    const src = this.getAttribute('src');
    if (!src || !URL.canParse(src, document.baseURI)) return null;
    const url = new URL(src, document.baseURI);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url : null;
  }

  get #window(): Window | null {
    return this.#inTab ? this.#tab : (this.#frame?.contentWindow ?? null);
  }

  #render(): void {
    this.#leave();
    if (this.#inTab) {
      this.#root.append(document.createElement('slot'));
      return;
    }
    const url = this.#url;
    if (!url) return;
    const frame = document.createElement('iframe');
    frame.title = this.#title;
    frame.allow = ALLOWED;
    frame.referrerPolicy = 'no-referrer';
    frame.addEventListener('load', () => this.#expectWord(url.origin));
    frame.src = url.href;
    this.#frame = frame;
    this.#root.append(frame);
  }

  #leave(): void {
    clearInterval(this.#tabTimer);
    clearTimeout(this.#silence);
    // A tab is the person's: it stays.
    this.#tab = null;
    this.#frame = null;
    this.#root.replaceChildren();
  }

  /** A refused frame looks like a loaded one: only that nothing is heard of it tells. */
  #expectWord(gateway: string): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      console.warn(
        `rackside-console: nothing is heard of ${gateway}. Is ${location.origin} among its ` +
          'embedding.origins, and is src on its publicUrl?',
      );
    }, SILENCE);
  }

  #ask(type: Asked['type']): void {
    const [to, url] = [this.#window, this.#url];
    if (to && url) post(to, url.origin, { type });
  }

  readonly #onMessage = (event: MessageEvent<unknown>): void => {
    if (event.source === null || event.source !== this.#window) return;
    if (event.origin !== this.#url?.origin) return;
    const message = messageIn(event) as Told | undefined;
    if (!message) return;
    clearTimeout(this.#silence);
    const { type, ...detail } = message;
    if (type === 'ready') this.#ask('hello');
    else if (type === 'connected' || type === 'disconnected' || type === 'closed') {
      this.#tell(type, detail);
    }
  };

  #tell(what: Exclude<Told['type'], 'ready'>, detail: object): void {
    this.dispatchEvent(
      new CustomEvent(`rackside-${what}`, { detail, bubbles: true, composed: true }),
    );
  }
}
