# shellcheck shell=bash
# Shared by script/bootstrap and script/engine. Runs on the bash 3.2 of a Mac too, up to the point where we need Linux.

# What a fresh clone can use again: Node, engine binaries, root file systems, the engine's own data.
CACHE=${STAGEGATE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/stagegate}
export STAGEGATE_CACHE=$CACHE

case $CACHE in
  /*) ;;
  *) echo "STAGEGATE_CACHE must be an absolute path, not '$CACHE'" >&2 && exit 1 ;;
esac

say() { printf '%s\n' "$*" >&2; }
die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }
is_root() { [ "$(id -u)" = 0 ]; }

# quietly COMMAND…: shows the end of what it said only if it failed.
quietly() {
  local log
  log=$(mktemp)
  "$@" >"$log" 2>&1 </dev/null || {
    tail -n 20 "$log" >&2
    rm -f "$log"
    die "failed: $*"
  }
  rm -f "$log"
}

# wait_until SECONDS COMMAND…: true as soon as COMMAND is, false when the time is over.
wait_until() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.05
  done
}

# install_folder TARGET COMMAND…: runs COMMAND with an empty folder as last argument, and gives that folder TARGET's name
# only when COMMAND succeeded, so that an interrupted download never looks like a finished one.
# (COMMAND must check its own steps: bash switches `set -e` off in whatever a condition calls.)
install_folder() (
  target=$1
  shift
  mkdir -p "$(dirname "$target")"
  fresh=$(mktemp -d "$target.XXXXXX") || exit
  trap 'rm -rf "$fresh"' EXIT
  chmod 755 "$fresh"
  "$@" "$fresh" || exit
  rm -rf "$target"
  mv "$fresh" "$target"
)

# Processes: only ever by a pid that we wrote down, and only while that pid still runs what we started.

# runs PIDFILE WORD: is the process of PIDFILE alive, with WORD in its command line? (A pid may have a new owner by now.)
runs() {
  local pid
  [ -s "$1" ] || return 1
  pid=$(cat "$1")
  kill -0 "$pid" 2>/dev/null || return 1
  [ ! -d /proc/self ] || tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF -- "$2"
}

# end PIDFILE WORD SECONDS: SIGTERM, then SIGKILL after SECONDS; at once with 0.
end() {
  local pid
  if runs "$1" "$2"; then
    pid=$(cat "$1")
    [ "$3" = 0 ] || kill -TERM "$pid" 2>/dev/null || true
    wait_until "$3" ended "$1" "$2" || {
      kill -KILL "$pid" 2>/dev/null || true
      wait_until 5 ended "$1" "$2" || say "process $pid does not end"
    }
  fi
  rm -f "$1"
}
ended() { ! runs "$1" "$2"; }

# start PIDFILE LOG COMMAND…: in the background and in a session of its own, so that Ctrl-C in the terminal spares it.
start() {
  local pidfile=$1 log=$2
  shift 2
  if have setsid; then set -- setsid "$@"; else set -- nohup "$@"; fi
  # Not in the folder of whoever starts it, which may go before the engine does; git in a build would fail then.
  (cd / && exec "$@") </dev/null >>"$log" 2>&1 7<&- 9>&- &
  echo $! >"$pidfile"
  # Else bash tells of it when it is killed.
  disown "$!"
  wait_until 10 has_begun "$!"
}
# Until a new process has become the command, it has our command line, and would be taken for a stranger.
has_begun() { [ ! -d /proc/self ] || ! kill -0 "$1" 2>/dev/null || ! cmp -s "/proc/$1/cmdline" "/proc/$$/cmdline"; }

# locked FILE COMMAND…: one at a time. The lock goes with the process, so a killed one leaves nothing behind.
locked() {
  local file=$1
  shift
  mkdir -p "$(dirname "$file")"
  (
    if have flock; then flock -w 900 9 || die "another run holds $file"; fi
    "$@"
  ) 9>"$file"
}
