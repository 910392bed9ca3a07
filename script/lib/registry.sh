# shellcheck shell=bash
# A registry on 127.0.0.1, where engines speak plain http. Needs common.sh and engine.sh.

REGISTRY=$CACHE/run/main/registry
REGISTRY_CONTAINER=stagegate-registry

registry_port() { cat "$REGISTRY/port" 2>/dev/null; }
registry_address() { echo "127.0.0.1:$(registry_port)"; }

# registry_asks METHOD PATH: does the registry answer with 200? (Bash can speak enough HTTP to spare us curl.)
registry_asks() {
  local port answer
  port=$(registry_port) && [ -n "$port" ] || return 1
  answer=$( (exec 3<>"/dev/tcp/127.0.0.1/$port" &&
    printf '%s %s HTTP/1.0\r\n%s\r\n\r\n' "$1" "$2" "$MANIFEST_TYPES" >&3 && head -n 1 <&3) 2>/dev/null) || return 1
  case $answer in *' 200 '*) ;; *) return 1 ;; esac
}
# Without these the registry says 404 for an OCI manifest.
MANIFEST_TYPES='Accept: application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.v2+json'

registry_answers() { registry_asks GET /v2/; }

# registry_has 127.0.0.1:PORT/NAME:TAG
registry_has() {
  local name=${1#*/}
  registry_asks HEAD "/v2/${name%:*}/manifests/${name##*:}"
}

registry_runs() { runs "$REGISTRY/pid" "$REGISTRY/" || registry_container_runs; }
registry_container_runs() {
  [ -e "$REGISTRY/container" ] && [ "$(without_ours docker inspect -f '{{.State.Running}}' "$REGISTRY_CONTAINER" 2>/dev/null)" = true ]
}

# The port stays the same from one `up` to the next as long as it is free, since it is part of the images' names.
pick_port() {
  local last
  last=$(registry_port || true)
  node -e '
    const { createServer } = require("node:net")
    const next = (ports) => createServer().once("error", () => next(ports.slice(1)))
      .listen({ port: ports[0], host: "127.0.0.1", exclusive: true }, function () { console.log(ports[0]); this.close() })
    next([...process.argv.slice(1).filter(Boolean).map(Number), ...Array.from({ length: 100 }, (_, i) => 5050 + i), 0])
  ' "$last"
}

start_registry() {
  if registry_runs && registry_answers; then return; fi
  stop_registry
  mkdir -p "$REGISTRY/data"
  pick_port >"$REGISTRY/port.new"
  mv "$REGISTRY/port.new" "$REGISTRY/port"
  # A program on the host is of no use to an engine in a virtual machine, as on a Mac.
  if [ "$(uname -s)" = Linux ] && have docker-registry; then
    start_registry_program
  else
    start_registry_container
  fi
  wait_until 20 registry_answers || {
    [ ! -s "$REGISTRY/log" ] || tail -n 25 "$REGISTRY/log" >&2
    stop_registry
    die 'the registry did not start'
  }
}

start_registry_program() {
  cat >"$REGISTRY/config.yml" <<YAML
version: 0.1
log: { level: warn, accesslog: { disabled: true } }
storage:
  filesystem: { rootdirectory: "$REGISTRY/data" }
  delete: { enabled: true }
http: { addr: "$(registry_address)" }
YAML
  : >"$REGISTRY/log"
  start "$REGISTRY/pid" "$REGISTRY/log" docker-registry serve "$REGISTRY/config.yml"
}

start_registry_container() {
  remove_registry_container
  touch "$REGISTRY/container"
  without_ours docker run --detach --name "$REGISTRY_CONTAINER" --label stagegate=registry \
    --publish "$(registry_address):5000" --env REGISTRY_STORAGE_DELETE_ENABLED=true \
    --volume "$REGISTRY_CONTAINER:/var/lib/registry" registry:2 >/dev/null
}

stop_registry() {
  end "$REGISTRY/pid" "$REGISTRY/" 5
  [ -e "$REGISTRY/container" ] || return 0
  if remove_registry_container; then
    rm -f "$REGISTRY/container"
  else
    say "the engine with our registry ($REGISTRY_CONTAINER) does not answer, so it could not be removed there"
  fi
}

# The label says that it is ours; a container that only has the same name is left alone.
remove_registry_container() {
  without_ours docker ps --all --quiet --filter label=stagegate=registry --filter "name=^$REGISTRY_CONTAINER\$" |
    while read -r id; do without_ours docker rm --force "$id" >/dev/null; done
}

wipe_registry() {
  rm -rf "$REGISTRY"
  if without_ours have docker && without_ours docker volume inspect "$REGISTRY_CONTAINER" >/dev/null 2>&1; then
    without_ours docker volume rm "$REGISTRY_CONTAINER" >/dev/null
  fi
}
