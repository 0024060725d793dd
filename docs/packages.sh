# Sourced by docs/quickstart.sh and tests/run.sh: which Debian 12 packages the project needs, and the
# one step that installs those that are missing. POSIX sh.

build_packages='g++ meson ninja-build pkgconf
  libsodium-dev libsqlite3-dev libfmt-dev libcli11-dev nlohmann-json3-dev'
demo_packages='curl python3'
# libcurl: for tokenvault-recipe and tokenvault-etcd, which are built where it is there. libkeyutils: likewise, for
# unlock and lock.
# zlib: what the pkg-config file of sqlite3 names for static programs, and does not install.
# nodejs, curl, openssl: the examples of programs that are providers, and a server with a certificate.
# cmake, git: projects that get the library by them. fish, zsh: their completions. git: its credential helper; docker,
# kubectl and aws are too large to install for one test each, which skips and says so where they are not.
# etcd-server: clusters to keep a vault in, which are started and ended by the tests.
# e2fsprogs: file systems that lose their power or have no room left, as root.
# libmicrohttpd: for orgapi, which is built where it is there; chromium: who looks at its pages; wrk: who loads it.
test_packages='abigail-tools chromium-headless-shell clang cmake curl doctest-dev e2fsprogs etcd-server fish git
  libclang-rt-14-dev libcurl4-openssl-dev libkeyutils-dev libmicrohttpd-dev nodejs openssl python3 python3-nacl strace
  wrk zlib1g-dev zsh'
# Beside curl and Python: what docs/examples/life-of-a-token needs for all of its steps.
life_packages='chromium-headless-shell libcurl4-openssl-dev libmicrohttpd-dev nodejs strace'
# For Swagger UI, and for what drives Chromium. Not where it is already: a nodejs that is not Debian's brings its own,
# and the two do not go together.
command -v npm >/dev/null 2>&1 || { test_packages="$test_packages npm"; life_packages="$life_packages npm"; }

# What stands for those packages where dpkg cannot be asked.
build_commands='c++ meson ninja pkg-config'
demo_commands='curl python3'
test_commands='clang++ python3 strace'
libraries='libsodium sqlite3 fmt CLI11 nlohmann_json'

say() { printf '%s\n' "$*"; }
complain() { printf '%s\n' "$*" >&2; }

is_debian_12() {
  [ -r /etc/os-release ] && (. /etc/os-release && [ "${ID-}" = debian ] && [ "${VERSION_ID-}" = 12 ])
}

missing_packages() {
  for package in "$@"; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || state=absent
    [ "$state" = installed ] || printf '%s ' "$package"
  done
}

# The names on one line, with single spaces, so that the command shown is the command that runs.
install_packages() {
  # shellcheck disable=SC2086 # the lists are words
  missing=$(missing_packages $1)
  missing=${missing% }
  [ -n "$missing" ] || return 0
  install="apt-get install -y --no-install-recommends $missing"
  if [ "$(id -u)" = 0 ]; then
    as_root=''
  elif command -v sudo >/dev/null 2>&1; then
    as_root='sudo '
  else
    complain "missing packages, and neither root nor sudo is here to install them. As root, run:"
    complain "  apt-get update && $install"
    exit 1
  fi
  say "installing: $missing"
  # shellcheck disable=SC2086
  if ! { ${as_root}apt-get -q update && ${as_root}env DEBIAN_FRONTEND=noninteractive $install; }; then
    complain "could not install the packages; once the network and apt are in order, run this script again"
    exit 1
  fi
}

# $1 commands, $2 packages to name when one of them is not there.
look_for_tools() {
  absent=''
  for command in $1; do
    command -v "$command" >/dev/null 2>&1 || absent="$absent $command"
  done
  for library in $libraries; do
    pkg-config --exists "$library" 2>/dev/null || absent="$absent $library(pkg-config)"
  done
  [ -z "$absent" ] && return 0
  complain "cannot go on without:$absent"
  complain "install by hand what Debian calls:" $2
  exit 1
}

# $1 packages, $2 commands. Ends the script with a clear line when something stays missing.
need() {
  if is_debian_12; then
    install_packages "$1"
    return 0
  fi
  say "this is not Debian 12: nothing is installed here, and the versions of this system are not the tested ones"
  look_for_tools "$2" "$1"
}
