import type { CDPSession } from 'puppeteer-core';
import { WORLD } from './cover.ts';

/** Disk images that a BMC's page may be given, and nothing else of the machine. */
export interface OfferedImages {
  /** Sorted. */
  names(): Promise<readonly string[]>;
  /** Where the browser finds one; undefined for what is none. */
  find(name: string): Promise<string | undefined>;
}

/** Reaches our own scripts alone: the page's run in another world. */
const BINDING = 'racksideChosen';

/**
 * In the place of a page's file dialog: the images by name, above the page, which is inert meanwhile
 * (`showModal`). Styles are set as in cover.ts.
 */
const SCRIPT = String.raw`((names, number) => {
  if (top !== window) return;
  globalThis.endChooser?.();
  const add = (parent, tag, style, text) => {
    const made = document.createElement(tag);
    made.style.cssText = style;
    if (text !== undefined) made.textContent = text;
    parent.append(made);
    return made;
  };
  const host = add(document.documentElement, 'div', 'all:initial');
  const dialog = add(host.attachShadow({ mode: 'closed' }), 'dialog', 'box-sizing:border-box;' +
    'width:640px;max-width:90%;max-height:80%;overflow:auto;padding:24px;border:1px solid #4a5a70;' +
    'border-radius:8px;color:#e8edf4;background:#10161f;font:18px/1.5 sans-serif');
  const told = names.length > 0 ? 'Which disk image?' : 'There is no disk image in the folder.';
  add(dialog, 'div', 'font-weight:600;margin-bottom:12px', told);
  const end = (name) => {
    globalThis.endChooser = undefined;
    host.remove();
    globalThis.${BINDING}(JSON.stringify({ number, name }));
  };
  globalThis.endChooser = () => host.remove();
  const button = (text, name) => add(dialog, 'button', 'all:unset;box-sizing:border-box;display:block;' +
    'width:100%;min-height:44px;padding:8px 12px;margin-top:6px;border:1px solid #4a5a70;' +
    'border-radius:6px;cursor:pointer;overflow-wrap:anywhere', text)
    .addEventListener('click', (event) => { if (event.isTrusted) end(name); });
  for (const name of names) button(name, name);
  button('Cancel', null);
  dialog.addEventListener('cancel', () => end(null));
  dialog.showModal();
})`;

interface Asked {
  readonly number: number;
  /** The field of the page that is to have the file. */
  readonly field: number;
  readonly names: readonly string[];
}

/** What a page gets that asks for a file: one of the images, or none. */
export class ImageChooser {
  readonly #client: CDPSession;
  readonly #images: OfferedImages;
  readonly #run: (source: string) => Promise<void>;
  #asked: Asked | undefined;
  #number = 0;

  /** @param run runs a script in our world of the page. */
  constructor(client: CDPSession, images: OfferedImages, run: (source: string) => Promise<void>) {
    this.#client = client;
    this.#images = images;
    this.#run = run;
  }

  /** From now on; what goes wrong in the page, which may have been left, leaves the field empty. */
  async start(): Promise<void> {
    const client = this.#client;
    client.on('Page.fileChooserOpened', ({ backendNodeId }) => {
      if (backendNodeId !== undefined) this.#ask(backendNodeId).catch(() => undefined);
    });
    client.on('Runtime.bindingCalled', ({ name, payload }) => {
      if (name === BINDING) this.#chosen(payload).catch(() => undefined);
    });
    await client.send('Runtime.enable');
    await client.send('Runtime.addBinding', { name: BINDING, executionContextName: WORLD });
    await client.send('Page.setInterceptFileChooserDialog', { enabled: true });
  }

  async #ask(field: number): Promise<void> {
    const names = await this.#images.names();
    this.#number += 1;
    this.#asked = { number: this.#number, field, names };
    await this.#run(`${SCRIPT}(${JSON.stringify(names)}, ${this.#number})`);
  }

  /** Whoever has broken into the page's process may say anything here. */
  async #chosen(payload: string): Promise<void> {
    const asked = this.#asked;
    const { number, name } = JSON.parse(payload) as { number: unknown; name: unknown };
    const chosen = asked?.names.find((each) => each === name);
    if (!asked || asked.number !== number) return;
    this.#asked = undefined;
    const path = chosen === undefined ? undefined : await this.#images.find(chosen);
    if (path === undefined) return;
    await this.#client.send('DOM.setFileInputFiles', {
      ...{ files: [path], backendNodeId: asked.field },
    });
  }
}
