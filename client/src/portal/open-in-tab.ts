/** How opening a page went: in its tab, or where the tab was blocked, the page's URL. */
export type Opening = { readonly opened: true } | { readonly blocked: string };

/**
 * Opens in a tab of its own the URL that the gateway is asked for. Call it from a click, synchronously:
 * the tab is opened at once, before there is an answer, so that no blocker of pop-ups takes it for one.
 *
 * @throws whatever `ask` rejects with; the tab is closed then.
 */
export async function openInTab(ask: () => Promise<{ readonly url: string }>): Promise<Opening> {
  const tab = window.open('about:blank', '_blank');
  // A tab opened with `noopener` could not be led anywhere; this cuts the tie just as well.
  if (tab !== null) tab.opener = null;
  try {
    const { url } = await ask();
    const { href, protocol } = new URL(url, location.href);
    if (protocol !== 'https:' && protocol !== 'http:')
      throw new Error('the console’s URL is not one of the web');
    if (tab === null || tab.closed) return { blocked: href };
    tab.location.replace(href);
    return { opened: true };
  } catch (error) {
    tab?.close();
    throw error;
  }
}
