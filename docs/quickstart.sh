#!/bin/sh
# From a clean clone to a stored, used and renewed token. Everything it makes lies below build/: your
# own vault, if you have one, is not touched. Safe to run again.
set -eu
cd "$(dirname "$0")/.."
. docs/packages.sh

build=$PWD/build/quickstart
demo=$PWD/build/quickstart-demo
server=''

stop_server() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || :
  server=''
}
trap stop_server EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

explain() { printf '\n# %s\n' "$*"; }
step() {
  printf '$ %s\n' "$1"
  eval "$1"
}

# Runs the request of a step and compares the status with the one expected.
expect() {
  answer=$(step "$2")
  printf '%s\n' "$answer"
  case $answer in
    *"HTTP $1") ;;
    *) complain "expected HTTP $1"; exit 1 ;;
  esac
}

need "$build_packages $demo_packages" "$build_commands $demo_commands"

explain 'Build: the library and the command, optimised, without tests'
[ -f "$build/build.ninja" ] || step 'meson setup --buildtype=release -Dtests=disabled build/quickstart'
step 'ninja -C build/quickstart'
command=$(find "$build" -type f -name tokenvault -perm -u+x)
[ -n "$command" ] || { complain 'the build made no command: the summary above says which dependency is missing'; exit 1; }

# What an earlier run left, and whatever this shell would point at another vault.
rm -rf "$demo"
mkdir -p "$demo"
unset TOKENVAULT TOKENVAULT_KEY_FILE TOKENVAULT_NO_INPUT CREDENTIALS_DIRECTORY no_proxy http_proxy || :

explain 'A home of its own for this demonstration; without these lines it is ~/.local/share, ~/.config, ~/.local/state'
step "export PATH=\"$(dirname "$command"):\$PATH\""
step "export XDG_DATA_HOME=\"$demo/data\" XDG_CONFIG_HOME=\"$demo/config\" XDG_STATE_HOME=\"$demo/state\""

explain 'A new vault; its key is made in a file that only you can read'
step 'tokenvault --no-input init'

explain 'Store a token. It comes through a pipe: never as an argument, where every process could read it'
make_token='python3 -c "import secrets; print(secrets.token_urlsafe(32))"'
step "$make_token | tokenvault put acme/claimr --stdin"

explain 'A service on this machine that knows the token too'
step "tokenvault get acme/claimr | python3 docs/quickstart_server.py \"$demo/port\" &
  server=\$!"
while [ ! -f "$demo/port" ]; do
  kill -0 "$server" 2>/dev/null || { complain 'the service did not start'; exit 1; }
  sleep 0.1
done
step "url=http://127.0.0.1:$(cat "$demo/port")/"

call='curl -sS -H @- -w "HTTP %{http_code}\n" "$url"'
explain 'Use the token; again no argument, no file, no variable holds it'
expect 200 "{ printf 'Authorization: Bearer '; tokenvault get acme/claimr; } | $call"

explain 'The service means it: a wrong token is refused'
expect 401 "printf 'Authorization: Bearer wrong' | $call"

explain 'Renew it: version 2 becomes current, version 1 stays at hand as the previous one'
step "$make_token | tokenvault put acme/claimr --stdin"
step 'tokenvault history acme/claimr'

explain 'The service was told of version 1 only, so for now the previous one still opens it'
expect 401 "{ printf 'Authorization: Bearer '; tokenvault get acme/claimr; } | $call"
expect 200 "{ printf 'Authorization: Bearer '; tokenvault get acme/claimr --previous; } | $call"

explain 'Every record opened and checked'
step 'tokenvault verify'

cat <<END

Where things are:
  command   $command
  vault     $demo/data/tokenvault/vault.db     (sealed: safe to back up)
  key       $demo/config/tokenvault/vault.key  (32 bytes, 0600: keep a copy elsewhere)
  anchors   $demo/state/tokenvault/anchors     (notice a vault that was set back)
What to do next:
  meson install -C build/quickstart            puts command, library and headers below /usr/local
  tokenvault init                              makes your own vault
  tokenvault key add --recovery                prints a code to write down, should the key be lost
  tokenvault --help                            all verbs
  docs/rotation.md                             has tokens renewed at their providers
  README.md                                    the same from C++, in ten lines
END
