import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ScreenSize } from '../runner.ts';

/** What the launcher is told by its environment. */
export interface LauncherPlace {
  /** Folder of the sockets and of openbox's configuration. */
  readonly folder: string;
  readonly home: string;
  readonly size: ScreenSize;
  /** Socket of the proxy, where there is no network but loopback. */
  readonly proxySocket: string | null;
  readonly relayPort: number;
  /** Whether ending the launcher ends all that it has started: a PID namespace does. */
  readonly contained: boolean;
}

/** On this machine and in the screens' image alike. */
const SCRIPT = readFileSync(join(import.meta.dirname, 'launch.sh'), 'utf8');

/** Every window covers the screen, and no key is the window manager's own. */
export const OPENBOX_CONFIG = `<?xml version="1.0" encoding="UTF-8"?>
<openbox_config xmlns="http://openbox.org/3.4/rc">
  <keyboard/>
  <mouse/>
  <applications>
    <application class="*"><decor>no</decor><maximized>yes</maximized><focus>yes</focus></application>
    <application class="Rackside"><layer>above</layer></application>
    <application type="dialog"><decor>yes</decor><maximized>no</maximized></application>
  </applications>
</openbox_config>
`;

export function launch(program: readonly string[]): string[] {
  return ['bash', '-c', SCRIPT, 'screen', ...program];
}

export function launcherEnvironment(place: LauncherPlace): Record<string, string> {
  const { folder, home, size, proxySocket, relayPort, contained } = place;
  return {
    HOME: home,
    XDG_RUNTIME_DIR: home,
    // Chromium asks for no message bus that is not there.
    DBUS_SESSION_BUS_ADDRESS: 'disabled:',
    LANG: 'C.UTF-8',
    PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
    XAUTHORITY: `${folder}/xauthority`,
    FOLDER: folder,
    GEOMETRY: `${size.width}x${size.height}`,
    DEPTH: String(size.depth),
    PROXY_SOCKET: proxySocket ?? '',
    RELAY_PORT: String(relayPort),
    CONTAINED: contained ? '1' : '',
  };
}
