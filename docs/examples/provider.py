#!/usr/bin/env python3
"""A tvp/1 program in Python, with its standard library alone, for a token service with this interface
(docs/rotation.md has the protocol; change the functions named for the verbs for another service):

  POST   URL/tokens               {"rotation":"...","lifetime":seconds}  -> 201 {"id","owner","expires","token"}
  GET    URL/token                -> 200 {"id","owner","expires"} of the token that asks; 401: it is not valid
  GET    URL/tokens?rotation=ID   -> 200 {"ids":[...]}
  DELETE URL/tokens/ID            -> 204; 404: there is none

Policy: setting url."""
import http.client
import json
import os
import sys
from urllib.parse import quote, urlsplit

MOST = 64 * 1024  # bytes of an answer


class Refused(Exception):
    """Certainly nothing was changed: exit 3."""


class Doubt(Exception):
    """It may have happened: exit 4."""


def read_all(fd):
    with os.fdopen(fd, 'rb') as stream:
        return stream.read()


def read_secrets(request):
    """Descriptor 3 holds them one after the other; the request tells how long each is."""
    data, secrets = read_all(3), {}
    for token in request.get('tokens', []):
        secrets[token['name']], data = data[:token['size']].decode(), data[token['size']:]
    return secrets


def connect(url):
    """A fresh connection. http.client follows no redirects, so a token goes nowhere else."""
    place = urlsplit(url)
    kind = http.client.HTTPSConnection if place.scheme == 'https' else http.client.HTTPConnection
    connection = kind(place.netloc, timeout=25)
    try:
        connection.connect()
    except OSError as error:
        raise Refused(f'cannot reach {place.netloc}: {error.strerror or "no connection"}') from None
    return connection, place.path.rstrip('/')


def ask(url, method, path, token, body=None):
    """Status, JSON object ({} where there is none) and headers. From the first byte sent on, a fault is a doubt."""
    connection, base = connect(url)
    headers = {'Authorization': f'Bearer {token}', 'Content-Type': 'application/json', 'Connection': 'close'}
    try:
        connection.request(method, base + path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        text = answer.read(MOST)
    except (OSError, http.client.HTTPException) as error:
        raise Doubt(f'no answer: {type(error).__name__}') from None  # its text could quote what was sent
    finally:
        connection.close()
    try:
        parsed = json.loads(text) if text else {}
    except ValueError:
        parsed = {}
    return answer.status, parsed if isinstance(parsed, dict) else {}, answer.headers


def fail(status, headers):
    """What an answer means that is not the one hoped for, where something was to be changed."""
    if 400 <= status < 500 and status != 408:
        wait = headers.get('Retry-After', '')
        raise Refused(f'the service answers {status}', int(wait) if wait.isdigit() else None)
    raise Doubt(f'the service answers {status}')


def about(answer):
    return {name: answer[name] for name in ('id', 'owner', 'expires') if name in answer}


def describe(request, secrets):
    return {'tvp': 1, 'issue': 'once', 'old': 'kept', 'find': True, 'revoke': True, 'probe': True}


def issue(request, secrets):
    if 'token' not in secrets:
        raise Refused('this service wants a token to make one')
    status, answer, headers = ask(request['settings']['url'], 'POST', '/tokens', secrets['token'],
                                  {'rotation': request['rotation'], 'lifetime': request.get('lifetime', 0)})
    token = answer.get('token')
    if token:
        # First of all, and whatever else came: from here on it is safe.
        with os.fdopen(4, 'wb') as out:
            out.write(token.encode())
    if status != 201:
        fail(status, headers)
    if not token:
        raise Doubt('the service made a token and did not show it')
    return about(answer)


def probe(request, secrets):
    status, answer, _ = ask(request['settings']['url'], 'GET', '/token', secrets['token'])
    if status == 200 and answer.get('id'):
        return {'state': 'valid', **about(answer)}
    if status == 401:  # only where the service says so itself
        return {'state': 'invalid'}
    return {'state': 'unknown', 'message': f'the service answers {status}'}


def revoke(request, secrets):
    url, name = request['settings']['url'], request.get('id')
    if not name:
        status, answer, _ = ask(url, 'GET', '/token', secrets['token'])
        if status == 401:
            return {'state': 'gone'}
        name = answer.get('id') if status == 200 else None
        if not name:
            raise Refused('cannot learn the id of the token to end')
    status, _, headers = ask(url, 'DELETE', '/tokens/' + quote(name, safe=''), secrets['current'])
    if status not in (204, 404):
        fail(status, headers)
    return {'state': 'gone'}


def find(request, secrets):
    path = '/tokens?rotation=' + quote(request['rotation'], safe='')
    status, answer, headers = ask(request['settings']['url'], 'GET', path, secrets['current'])
    if status != 200 or not isinstance(answer.get('ids'), list):
        fail(status, headers)
    return {'ids': answer['ids']}


VERBS = {verb.__name__: verb for verb in (describe, issue, probe, revoke, find)}


def main(verb):
    request = json.loads(read_all(0))
    secrets = read_secrets(request)
    try:
        if verb != 'describe' and not request['settings'].get('url'):
            raise Refused('the policy lacks the setting url')
        answer, status = VERBS[verb](request, secrets), 0
    except Refused as error:
        message, wait = (*error.args, None)[:2]
        answer, status = {'message': message, **({'retry_after': wait} if wait is not None else {})}, 3
    except Doubt as error:
        answer, status = {'message': str(error)}, 4
    json.dump(answer, sys.stdout)
    return status


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
