#!/bin/sh
# Installs what is missing, builds, and runs every test: `sh tests/run.sh`. `sh tests/run.sh quick` takes one
# configuration; `sh tests/run.sh proof` goes all the way where an ordinary run takes a slice, which takes hours.
# It ends with what was tried and what was left out. The last line counts; the exit code is 0 only if nothing failed.
set -eu
cd "$(dirname "$0")/.."
. docs/packages.sh
case "$*" in
  '' | quick | proof) ;;
  *) complain 'usage: sh tests/run.sh [quick|proof]'; exit 2 ;;
esac
need "$build_packages $test_packages" "$build_commands $test_commands"
exec python3 tests/matrix.py "$@"
