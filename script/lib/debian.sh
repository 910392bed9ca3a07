# shellcheck shell=bash
# Debian packages on a machine that has apt: some installed, some only unpacked into a folder of ours.

is_debian() { have apt-get && have dpkg-deb && [ -r /etc/os-release ] && grep -q '^ID=debian$' /etc/os-release; }

# not_installed PACKAGE…: prints those that are missing.
not_installed() {
  local there package
  # It fails where one is unknown, and tells of the others all the same.
  there=" $(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p' | tr '\n' ' ' || true)"
  for package in "$@"; do
    case $there in *" $package "*) ;; *) echo "$package" ;; esac
  done
}

# The machine's own Debian mirror. Asking apt spares us a parser for each of its source formats, and keeps hosts out of here.
debian_mirror() {
  local codename
  codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
  # shellcheck disable=SC2016 # apt's variables, not the shell's
  apt-get indextargets --no-release-info --format '$(RELEASE) $(REPO_URI)' 'Identifier: Packages' |
    awk -v codename="$codename" '
      $1 == codename { print $2; found = 1; exit }
      $1 !~ /[-\/]/ && other == "" { other = $2 }
      END { if (!found && other != "") print other }'
}

# apt_install PACKAGE…: those that are not there yet.
apt_install() {
  local missing=()
  mapfile -t missing < <(not_installed "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing ${missing[*]}"
  without_services apt_get_install "${missing[@]}"
}

# A machine's lists may be absent or too old to have what they name: then, and only then, they are refreshed.
apt_get_install() {
  try_apt_install "$@" >/dev/null 2>&1 || {
    quietly apt-get update
    quietly try_apt_install "$@"
  }
}
try_apt_install() {
  DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y --no-install-recommends --no-upgrade \
    -o DPkg::Lock::Timeout=120 "$@" </dev/null
}

# without_services COMMAND…: packages bring daemons (sshd, registry) that nobody asked to run here. policy-rc.d is Debian's
# way to say so; a machine that already has one has decided for itself.
without_services() (
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  fi
  "$@"
)

# unpack_packages SUITE PACKAGE… FOLDER: from another suite, without installing: that would drag half of it in.
# Everything apt keeps (lists, cache) is in a temporary place, so the machine's own apt never hears of SUITE.
unpack_packages() (
  suite=$1
  shift
  packages=("${@:1:$#-1}")
  folder=${*: -1}
  mirror=$(debian_mirror)
  [ -n "$mirror" ] || die 'apt knows no Debian mirror'
  apt=$(mktemp -d) || exit
  trap 'rm -rf "$apt"' EXIT
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/debs"
  keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  options=''
  [ ! -r "$keyring" ] || options="[signed-by=$keyring] "
  echo "deb ${options}$mirror $suite main" >"$apt/sources.list"
  own=(-o "Dir::Etc::sourcelist=$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null
    -o "Dir::State::lists=$apt/lists" -o "Dir::Cache=$apt/cache"
    -o APT::Sandbox::User=root -o Acquire::Languages=none
    -o APT::Update::Post-Invoke-Success::=true)
  quietly apt-get "${own[@]}" update
  cd "$apt/debs" || exit
  quietly apt-get "${own[@]}" download "${packages[@]/%//$suite}"
  for deb in "$apt"/debs/*.deb; do dpkg-deb -x "$deb" "$folder" || exit; done
)
