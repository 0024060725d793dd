"""A provider as a program that speaks tvp/1, with a token service of its own in one file beside it."""
import json
from pathlib import Path

from harness import MARKER, Skipped

FIRST = f'{MARKER}-first'
TEXT = r'''#!/usr/bin/python3
import json, os, sys

PLACE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'service.json')
with open(PLACE) as file:
    service = json.load(file)
verb = sys.argv[1]
request = json.load(sys.stdin)
secrets = {}
with open(3, 'rb') as pipe:
    for token in request.get('tokens', []):
        secrets[token['name']] = pipe.read(token['size']).decode()


def save():
    with open(PLACE + '.new', 'w') as file:
        json.dump(service, file)
    os.replace(PLACE + '.new', PLACE)


def answer(**members):
    save()
    print(json.dumps(members))
    sys.exit(0)


service['calls'].append([verb, sys.argv[1:], dict(os.environ), request])
knob = service['knobs'].get(verb)
if knob == 'refuse':
    save()
    print(json.dumps({'message': 'not today'}))
    sys.exit(3)
if knob in ('doubt', 'gone'):
    if knob == 'gone':
        service['knobs']['probe'] = 'unknown'
    save()
    sys.exit(4)
if knob == 'garbage':
    save()
    print('no JSON', os.environ)
    print(*secrets.values(), file=sys.stderr)
    sys.exit(0)
if verb == 'describe':
    answer(tvp=1, **service['terms'])
if verb == 'probe':
    if knob == 'tells':
        answer(state='valid', owner=secrets['token'], id='x' + secrets['token'], message='it is ' + secrets['token'])
    state = knob or ('valid' if secrets['token'] in service['live'] else 'invalid')
    answer(state=state, owner=service['owner'], id='id-of-it', message='asked the service')
if verb == 'revoke':
    service['live'] = [token for token in service['live'] if token != secrets['token']]
    answer(state='gone')
if verb == 'find':
    answer(ids=[])
made = service['made'].get(request['rotation']) if service['terms']['issue'] == 'replay_safe' else None
if made is None:
    service['count'] += 1
    made = service['prefix'] + str(service['count'])
    service['made'][request['rotation']] = made
    service['live'].append(made)
    if service['terms']['old'] == 'dies' and secrets.get('token') in service['live']:
        service['live'].remove(secrets['token'])
save()
if knob == 'lost':
    sys.exit(4)
os.write(4, made.encode())
os.close(4)
if knob == 'tells':
    print(made, secrets.get('token'), file=sys.stderr)
    answer(id=made, owner=made + 'x', message='made ' + made)
answer(id='id-' + str(service['count']), owner=service['owner'])
'''


class Service:
    """Writes the program into a folder of its own below the home; the token service beside it."""

    def __init__(self, home, folder='service', issue='replay_safe', old='expires', **terms):
        self.program = home.file(f'{folder}/program', TEXT.encode(), 0o700)
        self.place = Path(self.program).parent / 'service.json'
        self.write({'terms': {'issue': issue, 'old': old, 'probe': True, 'revoke': old == 'kept', **terms},
                    'live': [FIRST], 'made': {}, 'count': 0, 'prefix': f'{MARKER}-{folder}-', 'owner': 'acme', 'calls': [],
                    'knobs': {}})

    def read(self):
        return json.loads(self.place.read_text())

    def write(self, content):
        self.place.write_text(json.dumps(content))

    def turn(self, **knobs):
        """Sets how a verb misbehaves; None puts it right."""
        content = self.read()
        content['knobs'].update(knobs)
        self.write(content)
        return self

    @property
    def live(self):
        return self.read()['live']

    def calls(self, verb=None):
        """How often it was called; no call may have shown a token where others can see it."""
        calls = self.read()['calls']
        for call in calls:
            assert MARKER not in json.dumps(call), call
        return sum(verb in (None, call[0]) for call in calls)

    @property
    def word(self):
        return f'exec:{self.program}'


def rotated_by(home, name='a/b', **terms):
    """A vault with one token that a service of the given terms issues."""
    home.init().put(name, FIRST)
    service = Service(home, **terms)
    home.run('policy', name, '--provider', service.word)
    if home.run('probe', name, expect=None).returncode == 22:
        raise Skipped('this build starts no programs as providers')
    content = service.read()
    content['calls'] = []
    service.write(content)
    return service
