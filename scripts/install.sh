# shellcheck shell=bash
# What the scripts of this directory say, and how they install what is missing. To be sourced.

say() { printf '%s\n' "$*" >&2; }

die() {
  printf 'scripts/%s: %s\n' "${0##*/}" "$1" >&2
  shift
  [ $# = 0 ] || printf '  %s\n' "$@" >&2
  exit 1
}

can_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

# apt_install PACKAGE...: quietly, with a fresh package list only when the one at hand does not do
apt_install() {
  local log
  log=$(mktemp)
  local get=(env DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends)
  say "Installing $* with apt-get ..."
  "${get[@]}" "$@" >"$log" 2>&1 || { apt-get update --quiet && "${get[@]}" "$@"; } >"$log" 2>&1 ||
    die "apt-get could not install $*" "$(tail -n 5 "$log")"
  rm "$log"
}

# need COMMAND PACKAGE
need() {
  command -v "$1" >/dev/null && return
  can_install || die "needs $1, which is not on this machine" "Debian, Ubuntu: sudo apt-get install $2"
  apt_install "$2"
}
