import type { ProgramPlace, ScreenProgram } from '../runner.ts';
import { STATUS_WINDOW } from './status-window.ts';
import type { WebStart } from './web-start.ts';

export interface JavaProgramOptions {
  readonly webStart: WebStart;
  /** Of the BMC, as it is asked for at the proxy. */
  readonly host: string;
  /** IP addresses by which the console's program may call the BMC. */
  readonly addresses: readonly string[];
}

/**
 * Shows what is being done, and runs a Java console when it is told to. Lines on descriptor 3 tell it:
 * `cover <line of the status window>`, `uncover`, `run <JNLP file in base64> <ports>`, `leave`. On 4 it
 * says `covered` when that is seen, `window 1` and `window 0` as the console's window comes and goes, `ended <code> <last words in
 * base64>`, and `left`. With a network of its own the BMC's addresses are its own machine's, where it
 * leads each port to the proxy: the console's program connects as ever, by whatever kind of socket. Java
 * compiles in one step, which halves the work of its start. `-headless` is icedtea-web's own: it has no
 * windows then, so that each window is the console's, and asks nobody, but ends with what is wrong.
 */
const SCRIPT = String.raw`
set -u
java=$1 modules=$2 jars=$3 host=$4 proxy_port=$5 own_network=$6 status_window=$7
shift 7
addresses=("$@")
window= viewer=
mkfifo -m 600 words drawn
exec 6<>words 7<>drawn

cover() {
  printf '%s\n' "$1" >&6
  if [ -z "$window" ] || ! kill -0 "$window" 2>/dev/null; then
    xterm -class Rackside -title Rackside +sb -b 0 -bw 0 -uc -fa Monospace -fs 14 \
      -bg '#10161f' -fg '#e8edf4' -e bash -c "$status_window" status "$PWD/words" "$PWD/drawn" \
      3<&- 4>&- 6>&- 7>&- &
    window=$!
  fi
  read -r -t 10 -u 7 _
  echo covered >&4
}

lead() {
  local address=$1 port=$2 kind=TCP4-LISTEN at=$1
  case "$address" in *:*) kind=TCP6-LISTEN at="[$address]" ;; esac
  socat "$kind:$port,bind=$at,fork,reuseaddr" "PROXY:127.0.0.1:$host:$port,proxyport=$proxy_port" \
    3<&- 4>&- 6>&- 7>&- &
  local hex pid=$!
  printf -v hex ':%04X ' "$port"
  until grep -q "$hex.* 0A " /proc/net/tcp /proc/net/tcp6; do
    kill -0 "$pid" 2>/dev/null || return
    sleep 0.02
  done
}

has_window() {
  local id class
  for id in $(xprop -root _NET_CLIENT_LIST 2>/dev/null | grep -o '0x[0-9a-f]*'); do
    class=$(xprop -id "$id" WM_CLASS 2>/dev/null) || continue
    case "$class" in *'"Rackside"'*) ;; *) return 0 ;; esac
  done
  return 1
}

watch() {
  local options=() shown=0 now code
  [ -z "$modules" ] || options=("@$modules" --patch-module "java.desktop=$jars")
  XDG_CONFIG_HOME=$PWD/config XDG_CACHE_HOME=$PWD/cache "$java" -XX:+UseSerialGC \
    -XX:TieredStopAtLevel=1 \
    "-Duser.home=$PWD" "-Djava.io.tmpdir=$PWD" -Duser.name=console -Djava.security.properties=weak.security "\${options[@]}" \
    "-Xbootclasspath/a:$jars" net.sourceforge.jnlp.runtime.Boot \
    -Xnofork -nosecurity -Xtrustall -headless launch.jnlp </dev/null >java.log 2>&1 3<&- 4>&- 6>&- 7>&- &
  echo $! >java.pid
  while kill -0 $! 2>/dev/null; do
    if has_window; then now=1; else now=0; fi
    [ "$now" = "$shown" ] || echo "window $now" >&4
    shown=$now
    sleep 0.3
  done
  wait $!
  code=$?
  echo "ended $code $(tail -c 4096 java.log | base64 -w 0)" >&4
}

run() {
  local port address
  base64 -d <<<"$1" >launch.jnlp
  shift
  if [ -n "$own_network" ]; then
    for address in "\${addresses[@]}"; do for port; do lead "$address" "$port"; done; done
  fi
  watch &
  viewer=$!
}

leave() {
  [ -n "$viewer" ] || return
  local pid tries
  until read -r pid <java.pid; do kill -0 "$viewer" 2>/dev/null || return; sleep 0.02; done 2>/dev/null
  kill "$pid" 2>/dev/null
  for tries in {1..40}; do kill -0 "$pid" 2>/dev/null || break; sleep 0.05; done
  kill -KILL "$pid" 2>/dev/null
  wait "$viewer"
  viewer=
}

while read -r -u 3 command rest; do
  case "$command" in
    cover) cover "$rest" ;;
    uncover) kill "$window" ;;
    run) run $rest ;;
    leave) leave; echo left >&4 ;;
  esac
done
leave
`.replaceAll('\\${', '${');

/** What yesterday's boards are signed and spoken to with; for this one program alone. */
const WEAK_SECURITY = ['jar', 'certpath', 'tls']
  .map((part) => `jdk.${part}.disabledAlgorithms=\n`)
  .join('');

/** It looks for no proxy of a browser's. */
const DEPLOYMENT = 'deployment.proxy.type=0\n';

export function javaProgram({ webStart, host, addresses }: JavaProgramOptions): ScreenProgram {
  const { executable, major, jars, moduleArguments } = webStart;
  const modules = major > 8 ? moduleArguments : '';
  return {
    command: ({ proxy, ownNetwork }: ProgramPlace) => [
      ...['bash', '-c', SCRIPT, 'java-console', executable, modules, jars.join(':')],
      ...[host.includes(':') ? `[${host}]` : host, proxy.replace(/^.*:/, '')],
      ...[ownNetwork ? '1' : '', STATUS_WINDOW, ...addresses],
    ],
    files: {
      'weak.security': WEAK_SECURITY,
      'config/icedtea-web/deployment.properties': DEPLOYMENT,
    },
  };
}
