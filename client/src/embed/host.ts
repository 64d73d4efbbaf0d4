import { messageIn, post, type Told } from './messages.ts';

/** The window that shows this page or has opened it; null for a page that somebody came to. */
export function hostWindow(): Window | null {
  if (window.parent !== window) return window.parent;
  const opener: unknown = window.opener;
  return opener === null ? null : (opener as Window);
}

export function isFramed(): boolean {
  return window.parent !== window;
}

/**
 * The page around a console's page. It is spoken to once it has greeted, and only where the gateway
 * lists its origin: whoever else frames or opens the page hears nothing and is not obeyed.
 */
export class Host {
  readonly #window: Window;
  readonly #onAsked: (type: 'focus' | 'close') => void;
  #origins: readonly string[] = [];
  /** Of the host, once it has greeted. */
  #origin: string | null = null;
  #last: Told | null = null;

  constructor(host: Window, onAsked: (type: 'focus' | 'close') => void) {
    this.#window = host;
    this.#onAsked = onAsked;
    window.addEventListener('message', this.#onMessage);
  }

  /** Begins to listen to pages of these origins, and lets the host know, if it is one of them. */
  admit(origins: readonly string[]): void {
    this.#origins = origins;
    // Chromium and Safari tell who frames us; elsewhere a message to another origin is just dropped.
    const above = [...(location.ancestorOrigins ?? [])];
    const likely = above.length > 0 ? origins.filter((origin) => origin === above[0]) : origins;
    for (const origin of likely) post(this.#window, origin, { type: 'ready' });
  }

  /** Tells the host, if it has greeted, and once where it is told the same again. */
  tell(told: Told): void {
    if (JSON.stringify(told) === JSON.stringify(this.#last)) return;
    this.#last = told;
    if (this.#origin !== null) post(this.#window, this.#origin, told);
  }

  dispose(): void {
    window.removeEventListener('message', this.#onMessage);
  }

  readonly #onMessage = (event: MessageEvent<unknown>): void => {
    if (event.source !== this.#window || !this.#origins.includes(event.origin)) return;
    const type = messageIn(event)?.type;
    if (type === 'hello') {
      this.#origin = event.origin;
      if (this.#last) post(this.#window, event.origin, this.#last);
    } else if (type === 'focus' || type === 'close') this.#onAsked(type);
  };
}
