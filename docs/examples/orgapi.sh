#!/bin/sh
# Serves the reference API on this machine: builds it where needed, makes a service below the build folder, prints its
# address and, the first time, its admin password. Ctrl-C ends it; the next run goes on with the same tokens.
set -eu
cd "$(dirname "$0")/../.."
. docs/packages.sh
need "$build_packages libmicrohttpd-dev python3" "$build_commands python3"
build=build/orgapi
swagger=$PWD/build/swagger-ui
python3 src/orgapi/swagger/fetch.py "$swagger" >&2 || { complain 'going on without Swagger UI: /api-docs/ says how to add it'; swagger=''; }
again=''
[ ! -f "$build/build.ninja" ] || again=--reconfigure
# shellcheck disable=SC2086 # a word or none
meson setup $again -Dorgapi=enabled -Dissuer=enabled -Dtests=disabled -Dcli=disabled -Drecipe=disabled \
  -Dswagger_ui="$swagger" "$build" >/dev/null
ninja -C "$build" src/orgapi/orgapi >&2
[ -d "$build/service" ] || "$build/src/orgapi/orgapi" init "$build/service"
exec "$build/src/orgapi/orgapi" serve "$build/service" "$@"
