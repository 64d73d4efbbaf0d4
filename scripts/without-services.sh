#!/bin/sh
# Runs a command (apt-get, mostly) during which no package may start its service:
#
#   scripts/without-services.sh COMMAND [ARGUMENT…]
#
# Debian's way to say so is /usr/sbin/policy-rc.d. One that is there is the administrator's and stays.
# Ours says no only while this process lives, so one that a kill -9 or a power cut leaves behind
# forbids nothing; the next run takes it away.
set -u
policy=/usr/sbin/policy-rc.d
mark='# rackside: no service starts during an installation'

if [ -f "$policy" ] && ! grep -q "$mark" "$policy"; then
  exec "$@"
fi

trap 'rm -f "$policy"' EXIT
# The command gets the terminal's signals too and ends by itself; this waits for it and then cleans up.
trap : INT TERM HUP
cat >"$policy" <<POLICY
#!/bin/sh
$mark
[ -d /proc/$$ ] && exit 101
exit 0
POLICY
chmod 755 "$policy"
"$@"
