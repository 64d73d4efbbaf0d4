import type { CDPSession } from 'puppeteer-core';
import { WORLD } from './cover.ts';

/**
 * What runs in every document before its own scripts, in our world, where a page cannot make something
 * else of `preventDefault`. Keys that Chromium would take for itself are
 * the machine's: the page gets each of them, and Chromium none. Editing in a form stays. A document
 * that is written anew (`document.open`) loses its listeners, not its observer, which adds them again.
 *
 * A text and no function: what builds this file may add names to functions that no page knows.
 */
const KEYS = String.raw`(() => {
  const isEditing = (event) =>
    event.ctrlKey && !event.altKey && !event.shiftKey && 'acvxz'.includes(event.key.toLowerCase());
  const named = /^(F\d+|Browser.*|Launch.*|ContextMenu|Help|Print.*|Zoom.*|Open|New|Close|Save)$/;
  const never = (event) => event.preventDefault();
  const onKey = (event) => {
    const { ctrlKey, altKey, metaKey, shiftKey, key } = event;
    const isTaskManager = shiftKey && key === 'Escape';
    const isBrowsers = ctrlKey || altKey || metaKey || isTaskManager || named.test(key);
    if (isBrowsers && !isEditing(event)) never(event);
  };
  const onAuxClick = (event) => { if (event.button === 1) never(event); };
  const listen = () => {
    addEventListener('keydown', onKey, true);
    for (const type of ['contextmenu', 'dragover', 'drop']) addEventListener(type, never, true);
    addEventListener('auxclick', onAuxClick, true);
  };
  listen();
  new MutationObserver(listen).observe(document, { childList: true });
})()`;

/** In the page's own world. */
const CALLS = String.raw`
  for (const name of ['print', 'showOpenFilePicker', 'showSaveFilePicker', 'showDirectoryPicker']) {
    Object.defineProperty(globalThis, name, { value: () => undefined });
  }`;

/** Holds for each document of a page, or of a frame that is a process of its own. */
export async function guardPage(session: CDPSession): Promise<void> {
  // All at once: what is held still goes on at the next command of whoever drives it.
  await Promise.all([
    session.send('Page.enable'),
    session.send('Page.addScriptToEvaluateOnNewDocument', {
      ...{ source: KEYS, worldName: WORLD, runImmediately: true },
    }),
    session.send('Page.addScriptToEvaluateOnNewDocument', { source: CALLS, runImmediately: true }),
    session.send('Page.setInterceptFileChooserDialog', { enabled: true, cancel: true }),
  ]);
}
