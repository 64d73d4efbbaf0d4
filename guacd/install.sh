#!/bin/sh
# Puts guacd and its vnc, ssh, rdp and telnet clients onto a Debian or Ubuntu system; run it as root.
#
#   guacd/install.sh                  apt-get update, and install what is missing of it
#   guacd/install.sh --no-update      the same where apt-get update has just run
#   guacd/install.sh --print-sources  print the temporary apt sources that it would use, and end
#
# Debian 12 alone has no guacd. It is taken from Debian 11's archive on the same mirror, through an
# apt configuration that lives in a temporary folder: /etc/apt and apt's lists are as they were
# afterwards. Everything in Debian 11 that Debian 12 has too is pinned away. See guacd/README.md.
#
# Exit: 0 there is a guacd, 2 there is no way to get one here (says what to do), 100 apt failed.
set -eu

clients='vnc ssh rdp telnet'
packages=guacd
for client in $clients; do packages="$packages libguac-client-${client}0"; done

give_up() {
  cat >&2 <<TEXT
guacd: $1
guacd: two other ways: run all of it in containers with \`docker compose up\`, or run a guacd of your
guacd: own (1.3.0 or newer) and name it in the configuration under locations.default.guacd
TEXT
  exit 2
}

mode=install
update=yes
case ${1:-} in
  '') ;;
  --no-update) update=no ;;
  --print-sources) mode=print update=no ;;
  *) echo "usage: guacd/install.sh [--no-update | --print-sources]" >&2; exit 64 ;;
esac

PATH=$PATH:/usr/local/sbin:/usr/sbin
if [ "$mode" = install ] && command -v guacd >/dev/null; then
  owner=$(dpkg-query -S "$(command -v guacd)" 2>/dev/null || true)
  if [ -z "$owner" ]; then
    echo "guacd: using $(command -v guacd), which did not come as a package"
    exit 0
  fi
fi

command -v apt-get >/dev/null || give_up 'this system has no apt-get'
[ "$mode" != install ] || [ "$(id -u)" = 0 ] || give_up 'only root can install packages'

export DEBIAN_FRONTEND=noninteractive
codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
# Only tests set this: a release that is not the one they run on.
codename=${GUACD_INSTALL_CODENAME:-$codename}

install() {
  # shellcheck disable=SC2086
  apt-get "$@" -o DPkg::Lock::Timeout=120 --quiet --yes --no-install-recommends install $packages
}

# Another vendor's broken source must not stand in the way: what is missing shows at the installation.
[ "$update" = no ] || apt-get --quiet update || true

candidate=$(apt-cache policy guacd 2>/dev/null | sed -n 's/^  Candidate: //p')
if [ "$mode" = install ] && [ -n "$candidate" ] && [ "$candidate" != '(none)' ]; then
  install
  exit 0
fi

[ "$codename" = bookworm ] || give_up "${codename:-this system} has no package guacd (on Ubuntu it is in the component \"universe\")"

# apt itself says where this system's Debian comes from: it reads every format of its sources, and the
# Origin is from the mirror's signed Release file, so that no other vendor's source is taken for it.
# One line a target: origin, label, release name, address, "file:entry" of the source.
targets() {
  apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(CODENAME)|$(REPO_URI)|$(SOURCESENTRY)' \
    'Created-By: Packages' | sort -u
}

# key_of FILE:ENTRY : the path of the key that the source is signed by, if it names one. apt does not
# tell, but counts lines in a .list and stanzas in a .sources file. A key that is written into the source
# itself has no path; apt's own trusted keys must then do.
key_of() {
  file=${1%:*} entry=${1##*:}
  case $file in
    *.sources) grep -v '^#' "$file" | awk -v RS= -v n="$entry" 'NR == n' |
      sed -n 's|^[Ss]igned-[Bb]y: *\(/[^ ]*\).*|\1|p' ;;
    *) sed -n "${entry}s|^[^#]*[[ ]signed-by=\\(/[^] ]*\\).*|\\1|p" "$file" ;;
  esac
}

# old_release LABEL OLD-NAME NEW-NAME: one-line sources for Debian 11, one for each mirror of Debian 12.
old_release() {
  targets | while IFS='|' read -r origin label name uri source; do
    [ "$origin|$label|$name" = "Debian|$1|$3" ] || continue
    case $uri in cdrom:*) continue ;; esac
    key=$(key_of "$source")
    echo "deb ${key:+[signed-by=$key] }$uri $2 main"
  done | sort -u
}

main_source=$(old_release Debian bullseye bookworm)
security_source=$(old_release Debian-Security bullseye-security bookworm-security)
[ -n "$main_source" ] || give_up "no mirror of Debian 12 in this system's apt sources (run apt-get update, see what it says)"
if [ "$mode" = print ]; then
  printf '%s\n' "$main_source" ${security_source:+"$security_source"}
  exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
chmod 755 "$work" # apt downloads as the user _apt

mkdir -p "$work/sources" "$work/preferences" "$work/lists"
# apt's own directories, wherever this system has them.
eval "$(apt-config shell \
  own_list Dir::Etc::sourcelist/f own_sources Dir::Etc::sourceparts/d \
  own_pins Dir::Etc::preferences/f own_pin_parts Dir::Etc::preferencesparts/d own_lists Dir::State::lists/d)"
cp -p "$own_sources"/*.list "$own_sources"/*.sources "$work/sources/" 2>/dev/null || true
[ ! -f "$own_list" ] || cp -p "$own_list" "$work/sources/zz-machine.list"
cp -p "$own_pin_parts"/* "$work/preferences/" 2>/dev/null || true
# The machine's lists stay as they are; only Debian 11's are fetched in addition.
cp -p "$own_lists"/*_* "$work/lists/" 2>/dev/null || true
chown -R _apt "$work/lists" 2>/dev/null || true

# Below 100 a version is taken only where no other source has the package and none is installed: so
# guacd and the libraries that went with Debian 11 come from there, and nothing else does.
cat >"$work/preferences/zz-guacd" <<'PIN'
Package: *
Pin: release o=Debian,n=bullseye*
Pin-Priority: 1

Package: guacd libguac*
Pin: version 1.3.0-1*
Pin-Priority: 500
PIN

# The machine's hooks after an update (desktop indexes and such) have no business with these lists.
cat >"$work/apt.conf" <<CONF
#clear APT::Update::Post-Invoke-Success;
#clear APT::Update::Post-Invoke;
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$work/sources";
Dir::Etc::preferencesparts "$work/preferences";
Dir::State::lists "$work/lists";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
CONF

fetch_lists() {
  printf '%s\n' "$@" >"$work/sources/guacd.list"
  apt-get -c "$work/apt.conf" --quiet --error-on=any update -o APT::Get::List-Cleanup=false \
    -o "Dir::Etc::sourcelist=$work/sources/guacd.list" -o Dir::Etc::sourceparts=/dev/null
}
if ! log=$(fetch_lists "$main_source" ${security_source:+"$security_source"} 2>&1); then
  # The security archive of an old release may move away before the release itself does.
  if ! log=$(fetch_lists "$main_source" 2>&1); then
    echo "$log" >&2
    give_up "this system's mirror does not give Debian 11 (bullseye) any more"
  fi
  echo "guacd: without Debian 11's security updates: this system's mirror does not give them"
fi

# shellcheck disable=SC2086
plan=$(apt-get -c "$work/apt.conf" --simulate --no-install-recommends install $packages 2>&1) || {
  echo "$plan" >&2
  give_up 'apt finds no way to install it on this system'
}
# A safety net under the pins: "Remv name …" is a removal, and "Inst name [old version] (new version
# Debian:11.…" would put Debian 11's version in the place of one that is installed.
changed=$(echo "$plan" | sed -n -e 's/^Remv \([^ ]*\).*/\1/p' \
  -e 's/^Inst \([^ ]*\) \[[^]]*\] ([^ ]* Debian[^ ]*:11[./].*/\1/p' | grep -v -x -e guacd -e 'libguac.*' || true)
[ -z "$changed" ] || give_up "installing it would change packages that are here: $(echo $changed)"

install -c "$work/apt.conf"
