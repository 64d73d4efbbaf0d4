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

/**
 * Starts the X server on a display that it picks itself, the window manager and the program, and
 * ends them all as soon as one of them ends. Descriptor 5 is the gateway's: each line switches
 * the viewers' input on or off, and its end is the gateway's.
 */
const SCRIPT = String.raw`
set -u
cd "$HOME"
umask 077
[ -n "$CONTAINED" ] || trap 'trap "" TERM; kill -TERM 0; sleep 0.2; kill -KILL 0' EXIT
[ ! -d "$FOLDER/files" ] || cp -r "$FOLDER/files/." "$HOME"
: > "$FOLDER/display"
Xtigervnc -displayfd 6 -geometry "$GEOMETRY" -depth "$DEPTH" -dpi 96 -desktop Rackside \
  -auth "$XAUTHORITY" -nolisten tcp -rfbport -1 -rfbunixpath "$FOLDER/rfb" -SecurityTypes None \
  -AlwaysShared -noreset -AcceptKeyEvents=0 -AcceptPointerEvents=0 -AcceptSetDesktopSize=0 \
  -AllowOverride AcceptKeyEvents,AcceptPointerEvents \
  -AcceptCutText=0 -SendCutText=0 -BlacklistThreshold 1000000 -s 0 \
  6>"$FOLDER/display" 3<&- 4>&- 5<&- &
x=$!
# A server that does not come up writes no number.
until read -r number < "$FOLDER/display"; do kill -0 "$x" || exit 1; sleep 0.02; done
export DISPLAY=":$number"
openbox --config-file "$FOLDER/rc.xml" 3<&- 4>&- 5<&- &
if [ -n "$PROXY_SOCKET" ]; then
  socat "TCP-LISTEN:$RELAY_PORT,bind=127.0.0.1,fork,reuseaddr" "UNIX-CONNECT:$PROXY_SOCKET" \
    3<&- 4>&- 5<&- &
fi
while read -r -u 5 accept; do
  tigervncconfig -set "AcceptKeyEvents=$accept" && tigervncconfig -set "AcceptPointerEvents=$accept"
done 3<&- 4>&- &
"$@" 5<&- &
wait -n
`;

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
