import type { GuacdProtocol } from './provider.ts';

const RECORDING = [
  'recording-path',
  'recording-name',
  'recording-exclude-output',
  'recording-exclude-mouse',
  'recording-include-keys',
  'create-recording-path',
];
const WAKE_ON_LAN = [
  'wol-send-packet',
  'wol-mac-addr',
  'wol-broadcast-addr',
  'wol-wait-time',
  'wol-udp-port',
];
const SFTP = [
  'enable-sftp',
  'sftp-hostname',
  'sftp-host-key',
  'sftp-port',
  'sftp-username',
  'sftp-password',
  'sftp-private-key',
  'sftp-passphrase',
  'sftp-directory',
  'sftp-root-directory',
  'sftp-server-alive-interval',
  'sftp-disable-download',
  'sftp-disable-upload',
];
const TYPESCRIPT = ['typescript-path', 'typescript-name', 'create-typescript-path'];
const CLIPBOARD = ['disable-copy', 'disable-paste'];
const TERMINAL = [
  'font-name',
  'font-size',
  'color-scheme',
  'backspace',
  'terminal-type',
  'scrollback',
];

/**
 * The parameters that guacd 1.3.0 lists in `args` for each protocol, without the ones that the
 * gateway sets itself (`hostname`, `port`, `read-only`, and for RDP the display's `width`, `height`
 * and `dpi`). Read off guacd's own `args` instructions.
 */
export const GUACD_PARAMETERS: Readonly<Record<GuacdProtocol, ReadonlySet<string>>> = {
  vnc: new Set([
    ...['encodings', 'username', 'password', 'swap-red-blue', 'color-depth', 'cursor'],
    ...['autoretry', 'clipboard-encoding', 'dest-host', 'dest-port', 'enable-audio'],
    ...['audio-servername', 'reverse-connect', 'listen-timeout'],
    ...[...SFTP, ...RECORDING, ...CLIPBOARD, ...WAKE_ON_LAN],
  ]),
  rdp: new Set([
    ...['domain', 'username', 'password', 'initial-program', 'color-depth', 'disable-audio'],
    ...['enable-printing', 'printer-name', 'enable-drive', 'drive-name', 'drive-path'],
    ...['create-drive-path', 'disable-download', 'disable-upload', 'console', 'console-audio'],
    ...['server-layout', 'security', 'ignore-cert', 'disable-auth', 'remote-app'],
    ...['remote-app-dir', 'remote-app-args', 'static-channels', 'client-name'],
    ...['enable-wallpaper', 'enable-theming', 'enable-font-smoothing', 'enable-full-window-drag'],
    ...['enable-desktop-composition', 'enable-menu-animations', 'disable-bitmap-caching'],
    ...['disable-offscreen-caching', 'disable-glyph-caching', 'preconnection-id'],
    ...['preconnection-blob', 'timezone', 'resize-method', 'enable-audio-input'],
    ...['gateway-hostname', 'gateway-port', 'gateway-domain', 'gateway-username'],
    ...['gateway-password', 'load-balance-info', 'width', 'height', 'dpi'],
    ...[...SFTP, ...RECORDING, ...CLIPBOARD, ...WAKE_ON_LAN],
  ]),
  ssh: new Set([
    ...['host-key', 'username', 'password', 'enable-sftp', 'sftp-root-directory'],
    ...['sftp-disable-download', 'sftp-disable-upload', 'private-key', 'passphrase', 'command'],
    ...['server-alive-interval', 'locale', 'timezone'],
    ...[...TERMINAL, ...TYPESCRIPT, ...RECORDING, ...CLIPBOARD, ...WAKE_ON_LAN],
  ]),
  telnet: new Set([
    ...['username', 'username-regex', 'password', 'password-regex', 'login-success-regex'],
    ...['login-failure-regex'],
    ...[...TERMINAL, ...TYPESCRIPT, ...RECORDING, ...CLIPBOARD, ...WAKE_ON_LAN],
  ]),
};

/** Set by the gateway from the endpoint and the console; refused under `params` with this advice. */
export const RESERVED_PARAMETERS: Readonly<Record<string, string>> = {
  hostname: 'set `host` beside `params`',
  port: 'set `port` beside `params`',
  'read-only': 'ask for a read-only console instead',
};
