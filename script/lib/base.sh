# shellcheck shell=bash
# Base images to build upon where nothing can be pulled. Needs common.sh, debian.sh, provision.sh and registry.sh.

# Two roots: what a service needs at run time, and on top of it what it is tested with.
PYTHON_SLIM_PACKAGES=(python3 python-is-python3 python3-fastapi python3-uvicorn ca-certificates)
PYTHON_PACKAGES=(python3-pip python3-venv python3-setuptools python3-wheel python3-pytest python3-httpx
  mypy black bandit git openssh-client)
# Their names on the Python package index, for a machine that can pull but is no Debian.
PYTHON_SLIM_WHEELS='fastapi uvicorn'
PYTHON_WHEELS='setuptools wheel pytest httpx mypy black bandit'

base_reference() {
  case $1 in
    busybox) echo "$(registry_address)/base/busybox:1" ;;
    python | python-slim) echo "$(registry_address)/base/$1:3.11" ;;
    *) die "no base image '$1' (busybox, python or python-slim)" ;;
  esac
}

# What the registry has is what every engine builds upon: two engines that each made their own would not share a digest.
make_base() {
  local name=$1 reference
  reference=$(base_reference "$name")
  if registry_has "$reference"; then
    docker pull --quiet "$reference" >/dev/null
  else
    docker image inspect "$reference" >/dev/null 2>&1 || provide_base "$name" "$reference"
    docker push --quiet "$reference" >/dev/null
  fi
}

provide_base() {
  if is_debian && is_root; then
    provision_host
    import_base "$@"
  elif [ "$1" = busybox ] && [ "$(uname -s)" = Linux ] && have busybox && busybox_is_static; then
    import_base "$@"
  else
    derive_base "$@"
  fi
}

import_base() {
  local name=$1 reference=$2 path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  case $name in
    busybox)
      busybox_root | docker import --change "ENV PATH=$path" --change 'CMD ["sh"]' --message 'busybox, static' \
        - "$reference" >/dev/null
      ;;
    *)
      provide_python_roots
      zstd -dc "$CACHE/base/$name.tar.zst" |
        docker import --change "ENV PATH=$path" --change 'ENV LANG=C.UTF-8' --change 'CMD ["python3"]' \
          --message "Debian bookworm with Python 3.11 ($name)" - "$reference" >/dev/null
      ;;
  esac
}

derive_base() {
  local name=$1 reference=$2
  case $name in
    busybox)
      docker pull --quiet busybox:1 >/dev/null
      docker tag busybox:1 "$reference"
      ;;
    python) from_python 3.11 "$PYTHON_SLIM_WHEELS $PYTHON_WHEELS" "$reference" ;;
    python-slim) from_python 3.11-slim "$PYTHON_SLIM_WHEELS" "$reference" ;;
  esac
}
from_python() {
  printf 'FROM python:%s\nRUN pip install --no-cache-dir %s\n' "$1" "$2" |
    docker build --quiet --provenance=false --load --tag "$3" - >/dev/null
}

busybox_is_static() { ! ldd "$(command -v busybox)" >/dev/null 2>&1; }

busybox_root() (
  root=$(mktemp -d)
  trap 'rm -rf "$root"' EXIT
  chmod 755 "$root"
  mkdir -p "$root"/{bin,sbin,usr/bin,usr/sbin,etc,root,var,proc,sys,dev}
  mkdir -m 1777 "$root/tmp"
  cp "$(command -v busybox)" "$root/bin/busybox"
  busybox --list-full | while read -r applet; do
    [ -e "$root/$applet" ] || ln -s /bin/busybox "$root/$applet"
  done
  echo 'root:x:0:0:root:/root:/bin/sh
nobody:x:65534:65534:nobody:/:/bin/false' >"$root/etc/passwd"
  echo 'root:x:0:
nogroup:x:65534:' >"$root/etc/group"
  tar -C "$root" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -c .
)

provide_python_roots() {
  [ ! -e "$CACHE/base/python.tar.zst" ] || [ ! -e "$CACHE/base/python-slim.tar.zst" ] || return 0
  say 'making the Python root file systems (one or two minutes, once)'
  install_folder "$CACHE/base" make_python_roots
}

make_python_roots() (
  folder=$1
  root=$(mktemp -d) || exit
  chmod 755 "$root"
  trap 'rm -rf "$root"' EXIT
  mirror=$(debian_mirror)
  proxy=$(apt-config shell proxy Acquire::http::Proxy)
  eval "$proxy"
  [ -z "${proxy-}" ] || export http_proxy=$proxy
  # What is thrown away after packing need not survive a power cut, so dpkg may leave fsync out.
  mkdir -p "$root/etc/dpkg/dpkg.cfg.d"
  echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/stagegate"
  quietly debootstrap --variant=minbase --include="$(joined , "${PYTHON_SLIM_PACKAGES[@]}")" bookworm "$root" "$mirror" || exit
  pack_root "$root" "$folder/python-slim.tar.zst" || exit
  [ -e "$root/etc/resolv.conf" ] || cp /etc/resolv.conf "$root/etc/resolv.conf"
  echo "deb $mirror bookworm main" >"$root/etc/apt/sources.list"
  # shellcheck disable=SC2016 # "$@" is for the inner shell
  quietly chroot "$root" sh -c \
    'apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"' \
    sh "${PYTHON_PACKAGES[@]}" || exit
  pack_root "$root" "$folder/python.tar.zst"
)

joined() { (IFS=$1; shift; echo "$*"); }

# Leaves out what an image has no use for: the mirror of this machine, package lists and caches, documentation, logs.
# pip may install into the system, as in the official image.
pack_root() {
  rm -rf "$1"/usr/lib/python3*/EXTERNALLY-MANAGED
  tar -C "$1" --numeric-owner -c \
    --exclude='./etc/apt/sources.list' --exclude='./etc/resolv.conf' --exclude='./etc/hostname' \
    --exclude='./etc/dpkg/dpkg.cfg.d/stagegate' --exclude='./var/lib/apt/lists/*' --exclude='./var/cache/*/*' \
    --exclude='./var/log/*' --exclude='./tmp/*' --exclude='./dev/*' --exclude='./proc/*' --exclude='./sys/*' \
    --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' --exclude='./usr/share/info/*' \
    --exclude='./usr/share/locale/*' \
    . | zstd -q -T0 -3 -o "$2"
}
