# shellcheck shell=bash
# The binaries of a real engine on a machine without one. Needs common.sh and debian.sh.

# Two releases: what hosted runners have now, and the oldest buildx we claim to work with (0.13, no --call).
# Debian's testing and unstable move, so no version is pinned here; what came is asked of the binaries themselves.
engine_suite() {
  case $1 in
    current) echo sid ;;
    old) echo trixie ;;
    *) die "no engine release '$1' (current or old)" ;;
  esac
}

# What runs beside the engine, from the machine's own release: a sid runc wants a newer glibc than bookworm has.
HOST_PACKAGES=(runc iproute2 docker-registry openssh-server openssh-client busybox-static debootstrap zstd git ca-certificates)

engine_folder() { echo "$CACHE/engine/$1"; }

provision_host() {
  local missing=()
  is_debian || die "a real engine is set up by us on Debian only; here, install Docker (with buildx >= 0.13) and start it"
  mapfile -t missing < <(not_installed "${HOST_PACKAGES[@]}")
  [ ${#missing[@]} -gt 0 ] || return 0
  is_root || die "missing Debian packages; as root: apt-get install ${missing[*]}"
  apt_install "${missing[@]}"
}

provision_release() {
  local folder
  folder=$(engine_folder "$1")
  [ ! -e "$folder" ] || return 0
  is_debian || die "engine release '$1' is unpacked from Debian packages, so it needs Debian"
  locked "$CACHE/lock" unpack_release "$1" "$folder"
}

unpack_release() {
  # Another run may have done it while this one waited.
  [ ! -e "$2" ] || return 0
  say "unpacking the $1 engine from Debian $(engine_suite "$1")"
  install_folder "$2" unpack_engine "$(engine_suite "$1")"
}

# bin/ holds just what the engine is made of: putting the whole usr/bin into PATH would hide the machine's own programs.
unpack_engine() {
  local suite=$1 folder=$2 program
  unpack_packages "$suite" docker.io docker-cli docker-buildx containerd "$folder/root" || return
  mkdir "$folder/bin" "$folder/cli-plugins"
  for program in docker containerd containerd-shim-runc-v2; do ln -s "../root/usr/bin/$program" "$folder/bin/"; done
  for program in dockerd docker-proxy; do ln -s "../root/usr/sbin/$program" "$folder/bin/"; done
  ln -s ../root/usr/libexec/docker/cli-plugins/docker-buildx "$folder/cli-plugins/"
  for program in "$folder"/bin/* "$folder"/cli-plugins/*; do
    [ -x "$program" ] || die "Debian $suite has no ${program##*/} where it used to be"
  done
  "$folder/bin/dockerd" --version >/dev/null || die "dockerd of Debian $suite does not run on this machine"
}
