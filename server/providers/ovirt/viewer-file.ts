/** What remote-viewer(1) knows, and engines write; a token is nothing of that. */
const KEYS: ReadonlySet<string> = new Set([
  ...['type', 'host', 'port', 'tls-port', 'username', 'password', 'proxy', 'version', 'versions'],
  ...['ca', 'host-subject', 'tls-ciphers', 'secure-channels', 'disable-channels'],
  ...['title', 'fullscreen', 'toggle-fullscreen', 'release-cursor', 'secure-attention'],
  ...['enable-smartcard', 'smartcard-insert', 'smartcard-remove', 'color-depth', 'disable-effects'],
  ...['enable-usbredir', 'enable-usb-autoshare', 'usb-filter'],
  ...['delete-this-file', 'newer-version-url'],
]);
const SECTION = '[virt-viewer]';

/**
 * Of a `.vv` file what a screen is opened by. Its section `[ovirt]` holds the token of the gateway's own
 * account, with which whoever reads it could do at the engine what the gateway can; so what is not known
 * is left out, wherever it stands.
 */
export function withoutEngineToken(file: string): string {
  let isWanted = false;
  const kept = file.split(/\r\n|\r|\n/).filter((line) => {
    const text = line.trim();
    if (text.startsWith('[')) {
      isWanted = text === SECTION;
      return isWanted;
    }
    const [key = ''] = text.split('=', 1);
    return isWanted && text.includes('=') && KEYS.has(key.trim());
  });
  return `${kept.join('\n')}\n`;
}
