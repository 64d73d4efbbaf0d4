/**
 * Null for what is no URL. Not `URL.canParse`: once Node 20 has compiled it, it takes the bytes of a header as
 * UTF-8 and says yes to what `new URL` throws at (nodejs/node, fast API of canParse with one-byte strings).
 */
export function parseUrl(text: string, base?: string | URL): URL | null {
  try {
    return new URL(text, base);
  } catch {
    return null;
  }
}
