# shellcheck shell=bash
# A Docker engine: the one that runs here already, or one of our own. Needs common.sh and provision.sh.

# use_state FOLDER: the engine that the functions below are about. One bridge for each folder, so that engines of several
# caches, and several engines of one cache, get on. (The name of a bridge has at most 15 characters.)
use_state() {
  STATE=$1
  SOCKET=$STATE/docker.sock
  BRIDGE=sg-$(printf %s "$STATE" | cksum | cut -d ' ' -f 1)
}

# Everything that could point docker at our engine must not make it look like the user's.
without_ours() {
  (
    [ "${DOCKER_HOST-}" != "unix://$SOCKET" ] || unset DOCKER_HOST
    [ "${DOCKER_CONFIG-}" != "$STATE/docker" ] || unset DOCKER_CONFIG
    "$@"
  )
}

bounded() { if have timeout; then timeout 10 "$@"; else "$@"; fi; }

# found_engine: prints the version of the engine that is already there, when its buildx is new enough for us.
found_engine() { without_ours probe_engine; }
probe_engine() {
  local version buildx
  have docker || return 1
  version=$(bounded docker version --format '{{.Server.Version}}' 2>/dev/null) || return 1
  buildx=$(bounded docker buildx version 2>/dev/null | sed -nE 's/^[^ ]+ v?([0-9]+\.[0-9]+).*/\1/p')
  if [ -z "$buildx" ] || [ "${buildx%%.*}" = 0 ] && [ "${buildx#*.}" -lt 13 ]; then
    say "the engine here ($version) has buildx ${buildx:-none}, we need 0.13: starting one of our own"
    return 1
  fi
  echo "$version (buildx $buildx)"
}

own_engine_runs() { runs "$STATE/engine.pid" "$STATE/"; }
own_engine_answers() { own_docker version >/dev/null 2>&1; }
own_docker() {
  DOCKER_HOST=unix://$SOCKET DOCKER_CONFIG=$STATE/docker bounded "$(own_folder)/bin/docker" "$@"
}
own_folder() { engine_folder "$(cat "$STATE/release")"; }

start_own_engine() {
  can_have_own_engine
  local release
  for release in current old; do
    if provision_release "$release" && launch "$release" containerd; then return; fi
    say "the $release engine did not start"
  done
  die 'no engine could be started'
}

can_have_own_engine() {
  { is_root && [ "$(uname -s)" = Linux ]; } ||
    die 'no Docker engine answers. Start Docker (with buildx >= 0.13), or run this as root on Debian to get an engine'
  # The kernel allows 107 bytes for a socket's path, and containerd's is the longest.
  [ ${#STATE} -lt 70 ] || die "the path $STATE is too long for a socket; set STAGEGATE_CACHE to a shorter one"
  provision_host
}

# launch RELEASE STORE: STORE is containerd, or classic, which is what a hosted runner may have.
launch() {
  local release=$1 store=$2 folder containerd_store
  folder=$(engine_folder "$release")
  case $store in
    containerd) containerd_store=true ;;
    classic) containerd_store=false ;;
    *) die "no image store '$store' (containerd or classic)" ;;
  esac
  clear_leftovers
  echo "$release" >"$STATE/release"
  mkdir -p "$STATE/docker"
  rm -rf "$STATE/docker/cli-plugins"
  ln -s "$folder/cli-plugins" "$STATE/docker/cli-plugins"
  locked "$CACHE/lock" add_bridge
  # No iptables: what a build needs of the network it gets with --network=host, and the machine's firewall stays as it is.
  # Never "bridge": "none": that engine would delete the docker0 of the machine's own.
  cat >"$STATE/daemon.json" <<JSON
{
  "features": { "containerd-snapshotter": $containerd_store },
  "insecure-registries": ["127.0.0.0/8"],
  "bridge": "$BRIDGE",
  "iptables": false, "ip6tables": false, "ip-forward": false, "ip-masq": false,
  "builder": { "gc": { "enabled": true, "defaultKeepStorage": "6GB" } },
  "shutdown-timeout": 5
}
JSON
  : >"$STATE/dockerd.log"
  PATH=$folder/bin:$PATH start "$STATE/engine.pid" "$STATE/dockerd.log" \
    "$folder/bin/dockerd" --config-file "$STATE/daemon.json" --host "unix://$SOCKET" --pidfile "$STATE/dockerd.pid" \
    --data-root "$STATE/data-$release" --exec-root "$STATE/exec"
  # BuildKit reads its whole cache first: a second for each gigabyte of small steps, and more on a busy disk.
  if wait_until 120 engine_settled && own_engine_answers; then return; fi
  tail -n 25 "$STATE/dockerd.log" >&2
  stop_own_engine
  return 1
}
engine_settled() { own_engine_answers || engine_ended; }
# Asked twice: a process that is just becoming another program has no command line to know it by.
engine_ended() { ! own_engine_runs && sleep 0.3 && ! own_engine_runs; }

add_bridge() {
  local n subnet
  ip link show "$BRIDGE" >/dev/null 2>&1 || ip link add "$BRIDGE" type bridge
  if ! ip -4 -o addr show dev "$BRIDGE" | grep -q inet; then
    for n in $(seq 200 254); do
      subnet=10.213.$n
      ip -4 route show | grep -qF "$subnet." || break
    done
    ip addr add "$subnet.1/24" dev "$BRIDGE"
  fi
  ip link set "$BRIDGE" up
}

# stop_own_engine [SECONDS]: how long it may take to end in order.
stop_own_engine() {
  end "$STATE/engine.pid" "$STATE/" "${1:-20}"
  clear_leftovers
  if ip link show "$BRIDGE" >/dev/null 2>&1; then ip link delete "$BRIDGE"; fi
}

# What a killed engine leaves: containerd, shims, builds in mid-step, mounts, pid files that may name a stranger by now.
clear_leftovers() {
  local pid
  for pid in $(leftover_processes); do kill -KILL "$pid" 2>/dev/null || true; done
  wait_until 5 no_leftover_processes || say "still running: $(leftover_processes)"
  local mount
  awk -v under="$STATE/" 'index($5, under) == 1 { print $5 }' /proc/self/mountinfo | sort -r | while read -r mount; do
    umount "$mount" 2>/dev/null || umount -l "$mount" || true
  done
  rm -rf "$STATE/exec" "$STATE/dockerd.pid" "$SOCKET"
}
no_leftover_processes() { [ -z "$(leftover_processes)" ]; }

# Ours by their own account: an engine's program that works in our folder, or anything whose root file system lies in it.
leftover_processes() {
  local file program under
  under=$(printf %s "$STATE/" | sed 's/[][\.*^$+?(){}|]/\\&/g')
  grep -lsaF -- "$STATE/" /proc/[0-9]*/cmdline | while read -r file; do
    program=$(tr '\0' '\n' 2>/dev/null <"$file" | head -n 1) || continue
    case ${program##*/} in
      dockerd | containerd | containerd-shim* | runc | docker-proxy) echo "$file" ;;
    esac
  done | cut -d / -f 3
  grep -lsE -- "^[0-9]+ [0-9]+ [0-9:]+ [^ ]+ / .*=$under" /proc/[0-9]*/mountinfo | cut -d / -f 3
}
