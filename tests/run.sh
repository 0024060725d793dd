#!/bin/sh
# Installs what is missing, builds, and runs every test: `sh tests/run.sh`, or `sh tests/run.sh quick`
# for one configuration. The last line counts; the exit code is 0 only if nothing failed.
set -eu
cd "$(dirname "$0")/.."
. docs/packages.sh
case "$*" in
  '' | quick) ;;
  *) complain 'usage: sh tests/run.sh [quick]'; exit 2 ;;
esac
need "$build_packages $test_packages" "$build_commands $test_commands"
exec python3 tests/matrix.py "$@"
