/**
 * What runs in every document before its own scripts. Keys that Chromium would take for itself are
 * the machine's: the page gets each of them, and Chromium none. Editing in a form stays.
 *
 * A text and no function: what builds this file may add names to functions that no page knows.
 */
export const PAGE_GUARD = String.raw`(() => {
  const isEditing = (event) =>
    event.ctrlKey && !event.altKey && !event.shiftKey && 'acvxz'.includes(event.key.toLowerCase());
  const named = /^(F\d+|Browser.*|Launch.*|ContextMenu|Help|Print.*|Zoom.*|Open|New|Close|Save)$/;
  const never = (event) => event.preventDefault();
  addEventListener('keydown', (event) => {
    const { ctrlKey, altKey, metaKey, shiftKey, key } = event;
    const isTaskManager = shiftKey && key === 'Escape';
    const isBrowsers = ctrlKey || altKey || metaKey || isTaskManager || named.test(key);
    if (isBrowsers && !isEditing(event)) never(event);
  }, true);
  addEventListener('contextmenu', never, true);
  addEventListener('dragover', never, true);
  addEventListener('drop', never, true);
  addEventListener('auxclick', (event) => { if (event.button === 1) never(event); }, true);
  for (const name of ['print', 'showOpenFilePicker', 'showSaveFilePicker', 'showDirectoryPicker']) {
    Object.defineProperty(globalThis, name, { value: () => undefined });
  }
})()`;
