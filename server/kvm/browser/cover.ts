import type { CoverText } from '../cover-text.ts';

/** Our scripts run apart from the page's own. */
export const WORLD = 'rackside';

/**
 * Covers a document, or uncovers it. Styles are set by the style object model, which a page's
 * Content-Security-Policy does not forbid; old pages write their documents anew, which takes the
 * cover away, and it comes back. It lets clicks through, since a driver's are at places of the page.
 */
const SCRIPT = String.raw`((told, number) => {
  if (top !== window || number < (globalThis.coverNumber ?? 0)) return;
  globalThis.coverNumber = number;
  globalThis.endCover?.();
  if (!told) return;
  const element = (text, style) => {
    const made = document.createElement('div');
    made.style.cssText = style;
    made.textContent = text;
    return made;
  };
  const host = element('', 'all:initial;position:fixed;inset:0;z-index:2147483647;pointer-events:none');
  const sheet = element('', 'position:absolute;inset:0;display:flex;flex-direction:column;' +
    'align-items:center;justify-content:center;gap:18px;padding:8%;text-align:center;' +
    'color:#e8edf4;font:20px/1.5 sans-serif;background:' + (told.failed ? '#2a1216' : '#10161f'));
  const time = element('', 'font-size:16px;opacity:.7');
  sheet.append(
    element(told.title, 'font-size:30px;font-weight:600'),
    element(told.text, 'max-width:46em'),
    ...(told.failed ? [] : [time]),
  );
  host.attachShadow({ mode: 'closed' }).append(sheet);
  const stay = () => {
    time.textContent = Math.max(0, Math.round((Date.now() - told.since) / 1000)) + ' s';
    if (!host.isConnected) document.documentElement?.append(host);
  };
  const timer = setInterval(stay, 250);
  const observer = new MutationObserver(stay);
  observer.observe(document, { childList: true });
  globalThis.endCover = () => {
    clearInterval(timer);
    observer.disconnect();
    host.remove();
  };
  stay();
})`;

/** @param number of each cover one more: in a document, an older one changes nothing any more. */
export function coverScript(text: CoverText | null, number: number): string {
  return `${SCRIPT}(${JSON.stringify(text)}, ${number})`;
}

/** Takes what may be secret from a page of which a picture is kept. */
export function maskScript(secrets: readonly string[]): string {
  return `((secrets) => {
    for (const field of document.querySelectorAll('input,textarea')) field.value = '';
    const walker = document.createTreeWalker(document, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      for (const secret of secrets) node.data = node.data.replaceAll(secret, '••••');
    }
  })(${JSON.stringify(secrets)})`;
}
