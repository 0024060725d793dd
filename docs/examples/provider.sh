#!/bin/sh
# A tvp/1 program in POSIX shell with curl, for a token service with this interface (docs/rotation.md has the
# protocol; change the four functions at the end for another service):
#
#   POST   URL/tokens               {"rotation":"...","lifetime":seconds}  -> 201 {"id","owner","expires","token"}
#   GET    URL/token                -> 200 {"id","owner","expires"} of the token that asks; 401: it is not valid
#   GET    URL/tokens?rotation=ID   -> 200 {"ids":[...]}
#   DELETE URL/tokens/ID            -> 204; 404: there is none
#
# Policy: setting url. A token is never an argument of a program here: printf and read are part of the shell,
# and curl gets its header on stdin. It is in this shell's memory for the second that it runs.
set -uf
umask 077
verb=$1
request=$(cat)

# The request is one line without blanks, so sed can take texts out of it. None of ours needs an escape.
text() { printf '%s\n' "$request" | sed -n 's/.*"'"$1"'":"\([^"\\]*\)".*/\1/p'; }
number() { printf '%s\n' "$request" | sed -n 's/.*"'"$1"'":\([0-9][0-9]*\)[,}].*/\1/p'; }
size() { printf '%s\n' "$request" | sed -n 's/.*{"name":"'"$1"'","size":\([0-9][0-9]*\)}.*/\1/p'; }

# The next secret of descriptor 3, by its name: as many bytes as the request says, and not one of those behind.
secret() {
  bytes=$(size "$1")
  [ "${bytes:-0}" -eq 0 ] || dd bs=1 count="$bytes" <&3 2>/dev/null
}

# exit 3: certainly nothing was changed. exit 4: it may have been. The words are for people.
refuse() { printf '%s\n' "$1" >&2; exit 3; }
doubt() { printf '%s\n' "$1" >&2; exit 4; }

# ask METHOD PATH TOKEN [BODY]: one request on a fresh connection, no redirects, no ~/.curlrc. Sets `status` (000
# where no answer came), `body`, and `sent`: whether the service can have seen the request.
ask() {
  set -- "$1" "$2" "$3" "${4-}"
  answer=$(printf 'Authorization: Bearer %s\n' "$3" |
    curl -q --silent --show-error --max-time 25 --max-filesize 65536 --request "$1" --header @- \
      --header 'Content-Type: application/json' ${4:+--data "$4"} --write-out '\n%{http_code}' "$url$2")
  case $? in
    0) sent=yes ;;
    1 | 3 | 5 | 6 | 7 | 35 | 60) sent=no ;;  # no address, no host, no connection, no TLS: nobody has heard it
    *) sent=yes ;;
  esac
  status=${answer##*
}
  body=$(printf '%s\n' "$answer" | sed '$d' | tr -d '\n')
}

field() { printf '%s\n' "$body" | sed -n 's/.*"'"$1"'": *"\([^"\\]*\)".*/\1/p'; }

# What an answer means that is not the one hoped for, where something was to be changed.
fail() {
  [ "$sent" = yes ] || refuse "cannot reach $url"
  case $status in
    408) doubt "the service gave up waiting" ;;
    4??) refuse "the service answers $status" ;;
    *) doubt "the service answers $status" ;;
  esac
}

about() { printf '"id":"%s","owner":"%s","expires":"%s"' "$(field id)" "$(field owner)" "$(field expires)"; }

describe() { printf '{"tvp":1,"issue":"once","old":"kept","find":true,"revoke":true,"probe":true}\n'; }

issue() {
  token=$(secret token)
  [ -n "$token" ] || refuse "this service wants a token to make one"
  lifetime=$(number lifetime)
  ask POST /tokens "$token" "{\"rotation\":\"$(text rotation)\",\"lifetime\":${lifetime:-0}}"
  new=$(field token)
  # First of all, and whatever else came: from here on it is safe.
  [ -z "$new" ] || printf '%s' "$new" >&4
  exec 4>&-
  [ "$status" = 201 ] || fail
  [ -n "$new" ] || doubt "the service made a token and did not show it"
  printf '{%s}\n' "$(about)"
}

probe() {
  ask GET /token "$(secret token)"
  id=$(field id)
  case $status in
    200) [ -n "$id" ] && printf '{"state":"valid",%s}\n' "$(about)" || printf '{"state":"unknown"}\n' ;;
    401) printf '{"state":"invalid"}\n' ;;  # only where the service says so itself
    *) printf '{"state":"unknown","message":"the service answers %s"}\n' "$status" ;;
  esac
}

revoke() {
  token=$(secret token)
  current=$(secret current)
  id=$(text id)
  if [ -z "$id" ]; then
    ask GET /token "$token"
    [ "$status" != 401 ] || { printf '{"state":"gone"}\n'; return; }
    id=$(field id)
    [ "$status" = 200 ] && [ -n "$id" ] || refuse "cannot learn the id of the token to end"
  fi
  case $id in *[!A-Za-z0-9_-]*) refuse "the id is not one of this service's" ;; esac
  ask DELETE "/tokens/$id" "$current"
  case $status in
    204 | 404) printf '{"state":"gone"}\n' ;;
    *) fail ;;
  esac
}

find() {
  ask GET "/tokens?rotation=$(text rotation)" "$(secret current)"
  ids=$(printf '%s\n' "$body" | sed -n 's/.*"ids": *\(\[[^]]*\]\).*/\1/p')
  [ "$status" = 200 ] && [ -n "$ids" ] || fail
  printf '{"ids":%s}\n' "$ids"
}

case $verb in
  describe) describe ;;
  issue | probe | revoke | find)
    url=$(text url)
    [ -n "$url" ] || refuse "the policy lacks the setting url"
    "$verb" ;;
  *) refuse "no such verb" ;;
esac
