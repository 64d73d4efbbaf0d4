#!/bin/bash
# Starts the X server on a display that it picks itself, the window manager and the program that is given
# as arguments, and ends them all as soon as one of them ends. Descriptors 3 and 4 are the program's.
# Descriptor 5 is the gateway's: each line switches the viewers' input on or off, and its end is the
# gateway's. What the variables are: launcher.ts.
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
rm -f "$FOLDER/managed"
openbox --config-file "$FOLDER/rc.xml" --startup "touch $FOLDER/managed" 3<&- 4>&- 5<&- &
manager=$!
if [ -n "$PROXY_SOCKET" ]; then
  socat "TCP-LISTEN:$RELAY_PORT,bind=127.0.0.1,fork,reuseaddr" "UNIX-CONNECT:$PROXY_SOCKET" \
    3<&- 4>&- 5<&- &
  relay=$!
  # What the program asks for first is not lost.
  until (exec 9<>"/dev/tcp/127.0.0.1/$RELAY_PORT") 2>/dev/null; do
    kill -0 "$relay" || exit 1
    sleep 0.02
  done
fi
# A window that is there before the window manager may never have the focus.
until [ -e "$FOLDER/managed" ]; do kill -0 "$manager" || exit 1; sleep 0.02; done
while read -r -u 5 accept; do
  tigervncconfig -set "AcceptKeyEvents=$accept" && tigervncconfig -set "AcceptPointerEvents=$accept"
done 3<&- 4>&- &
"$@" 5<&- &
wait -n
