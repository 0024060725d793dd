"""A provider as a program whose tokens begin with the marker of marker_search, and that goes wrong in every way.

What it remembers of tokens are hashes, so that all files beside it can be searched too.
"""
import hashlib
import json
from pathlib import Path

from marker_search import MARKER

FIRST = f'{MARKER}-first-token'
WAYS = ('works', 'lost', 'refuses', 'refuses and tells', 'stdout', 'stderr', 'stderr encoded', 'message', 'message encoded',
        'id', 'owner', 'garbage', 'hangs', 'hangs and tells', 'probe hangs', 'wrong owner', 'same value', 'half', 'spaces',
        'rejected', 'crashes')
TEXT = r'''#!/usr/bin/python3
import base64, hashlib, json, os, signal, subprocess, sys

FOLDER = os.path.dirname(os.path.abspath(__file__))
PLACE = os.path.join(FOLDER, 'service.json')
MARKER = 'BACKWARDS'[::-1]
with open(PLACE) as file:
    service = json.load(file)
verb, way = sys.argv[1], service['way']
request = json.load(sys.stdin)
secrets = {}
with open(3, 'rb') as pipe:
    for token in request.get('tokens', []):
        secrets[token['name']] = pipe.read(token['size']).decode()


def note_what_can_be_seen():
    """Arguments and environment of this program and of the one that started it."""
    with open(os.path.join(FOLDER, 'seen'), 'ab') as seen:
        for process in ('self', os.getppid()):
            for name in ('cmdline', 'environ'):
                try:
                    with open(f'/proc/{process}/{name}', 'rb') as file:
                        seen.write(file.read() + b'\n')
                except PermissionError:
                    pass


def digest(token):
    return hashlib.sha256(token.encode()).hexdigest()


def save():
    service['calls'].append(verb)
    with open(PLACE + '.new', 'w') as file:
        json.dump(service, file)
    os.replace(PLACE + '.new', PLACE)


def all_forms(token):
    """As it is, unless this way tells encoded ones alone, and as programs write it."""
    raw = token.encode()
    return ' '.join([token] * (not way.endswith('encoded')) + [raw.hex(), ''.join(f'%{byte:02X}' for byte in raw)] +
                    [base64.b64encode(b'x' * before + raw).decode() for before in range(3)])


def told():
    return ' '.join(all_forms(token) for token in secrets.values() if token)


def end(code, **members):
    """The answer, with every secret that it knows where this way puts them."""
    if way == 'stdout':
        print(told())
    if way in ('stderr', 'stderr encoded', 'crashes'):
        print(told(), file=sys.stderr)
    if way in ('message', 'message encoded', 'refuses and tells'):
        members['message'] = 'it is ' + told()
    if way in ('id', 'owner'):
        members[way] = next((token for token in secrets.values() if token), '') + '-' + way
        members['message'] = 'its ' + way + ' is odd'
    if way == 'garbage':
        print('no JSON', told(), '{"message":"' + told() + '"')
    print(json.dumps(members), flush=True)
    if way == 'crashes':
        os.abort()
    sys.exit(4 if way == 'stderr encoded' else code)  # what it says there is shown where it fails


def owner_of(is_new):
    return 'somebody' if is_new and way == 'wrong owner' else service['owner']


def plant(token):
    """What no program should do, so that the search can be seen to find it."""
    if way == 'plants a file':
        with open(os.path.join(FOLDER, '../tmp/planted'), 'w') as file:
            file.write(base64.b64encode(b'to' + token.encode()).decode())
    if way == 'plants an argument':
        subprocess.run(['/bin/true', token])
    if way == 'plants a variable':
        subprocess.run(['/bin/true'], env={'TOKEN': token})


def hang():
    print(json.dumps({'message': told()}), flush=True)
    print(told(), file=sys.stderr, flush=True)
    if service['gate']:
        with open(service['gate'], 'wb') as gate:
            gate.write(b'.')
    signal.pause()


note_what_can_be_seen()
if verb == 'describe':
    save()
    print(json.dumps({'tvp': 1, **service['terms']}))
    sys.exit(0)
if verb == 'probe':
    save()
    if way == 'probe hangs':
        hang()
    asked = digest(secrets['token'])
    is_new = asked != service['first']
    is_bad = asked not in service['live'] or (is_new and way == 'rejected')
    end(0, state='invalid' if is_bad else 'valid', owner=owner_of(is_new), id='id-of-it')
if verb == 'revoke':
    service['live'] = [kept for kept in service['live'] if kept != digest(secrets['token'])]
    save()
    end(0, state='gone')
if verb == 'find':
    save()
    end(0, ids=['one-of-them'])
if way in ('refuses', 'refuses and tells'):
    save()
    end(3)
if way == 'hangs':
    save()
    hang()
service['count'] += 1
made = MARKER + '-made-' + (request['rotation'] if service['terms']['issue'] == 'replay_safe' else str(service['count']))
if way == 'same value':
    made = secrets['token']
if way == 'spaces':
    made = made + ' and more'
service['live'].append(digest(made))
secrets['made'] = made
save()
plant(made)
if way == 'lost':
    sys.exit(4)
os.write(4, made[:-2].encode() if way == 'half' else made.encode())
if way != 'half':
    os.close(4)
if way in ('half', 'hangs and tells'):
    hang()
end(0, id='id-' + str(service['count']), owner=owner_of(True))
'''


class MarkedService:
    """Writes the program into a folder of its own below the home; what it remembers beside it."""

    def __init__(self, home, **terms):
        text = TEXT.replace('BACKWARDS', MARKER[::-1])
        self.program = home.file('service/program', text.encode(), 0o700)
        self.folder = Path(self.program).parent
        first = hashlib.sha256(FIRST.encode()).hexdigest()
        self.write({'terms': {'issue': 'replay_safe', 'old': 'kept', 'probe': True, 'revoke': True, 'find': True, **terms},
                    'live': [first], 'first': first, 'count': 0, 'owner': 'acme', 'calls': [], 'way': 'works', 'gate': None})

    def read(self):
        return json.loads((self.folder / 'service.json').read_text())

    def write(self, content):
        (self.folder / 'service.json').write_text(json.dumps(content))

    def turn(self, way, **more):
        self.write({**self.read(), 'way': way, **more})
        return self

    @property
    def word(self):
        return f'exec:{self.program}'
