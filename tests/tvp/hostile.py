#!/usr/bin/python3
"""A program that speaks tvp/1 badly, in the way that its own file name says."""
import json
import os
import signal
import sys
from pathlib import Path

WAY = Path(sys.argv[0]).name
VERB = sys.argv[1]
TOKEN = b'new-token-0123456789'
SOUND = {
    'describe': {'tvp': 1, 'issue': 'once', 'old': 'kept'},
    'issue': {'id': 'n1', 'owner': 'acme', 'expires': '2026-12-01T00:00:00Z'},
    'probe': {'state': 'valid', 'id': 'n1', 'owner': 'acme', 'expires': '2026-12-01T02:00:00+02:00'},
    'revoke': {'state': 'gone'},
    'find': {'ids': ['n1', 'n2']},
}


def write_all(fd, data):
    while data:
        data = data[os.write(fd, data):]


def read_all(fd):
    pieces = []
    while piece := os.read(fd, 65536):
        pieces.append(piece)
    return b''.join(pieces)


def give_token(token=TOKEN):
    if VERB == 'issue':
        write_all(4, token)
        os.close(4)


def say(answer):
    write_all(1, (answer if isinstance(answer, str) else json.dumps(answer)).encode())


def hang():
    while True:
        signal.pause()


def sound(answer=None):
    read_all(0)
    secrets = read_all(3)
    give_token()
    say(answer or SOUND[VERB])
    return secrets


def many(fd):
    try:
        for _ in range(160):
            write_all(fd, b'x' * 65536)
    except BrokenPipeError:
        sys.exit(1)


def hold_the_pipes(escape):
    there, here = os.pipe()
    if os.fork() == 0:
        if escape:
            os.setsid()
        Path(sys.argv[0]).with_name('pid').write_text(str(os.getpid()))
        os.write(here, b'!')
        hang()
    os.read(there, 1)


def behave():
    if WAY.startswith('exit'):
        sound()
        sys.exit(int(WAY[4:]))
    if WAY.startswith('bare-exit'):
        print('the last word', file=sys.stderr)
        sys.exit(int(WAY[9:]))
    if WAY.startswith('signal'):
        sound()
        os.kill(os.getpid(), int(WAY[6:]))
    match WAY:
        case 'sound':
            sound()
        case 'hang':
            hang()
        case 'hang-aloud':
            Path(sys.argv[0]).with_name('fifo').write_text(f'{os.getpid()}\n')
            hang()
        case 'hang-after-token':
            sound()
            hang()
        case 'half-token':
            write_all(4, TOKEN[:7])
            hang()
        case 'ignores-term':
            for number in set(signal.valid_signals()) - {signal.SIGKILL, signal.SIGSTOP}:
                signal.signal(number, signal.SIG_IGN)
            hang()
        case 'stops-itself':
            os.kill(os.getpid(), signal.SIGSTOP)
        case 'closes-stdout':
            os.close(1)
            give_token()
        case 'closes-all':
            for fd in range(5):
                try:
                    os.close(fd)
                except OSError:
                    pass
        case 'much-answer':
            give_token()
            many(1)
        case 'much-words':
            many(2)
            sound()
        case 'much-token':
            many(4)
            os.close(4)
            say(SOUND['issue'])
        case 'large-token':
            give_token(b't' * 32768)
            say(SOUND['issue'])
        case 'too-large-token':
            give_token(b't' * 32769)
            say(SOUND['issue'])
        case 'no-token':
            say(SOUND['issue'])
        case 'reads-nothing':
            give_token()
            say(SOUND[VERB])
        case 'garbage':
            give_token()
            say('\0\xff{]')
        case 'deep':
            give_token()
            say('[' * 60000)
        case 'deep-object':
            give_token()
            say('{"state":"valid","x":' + '[' * 20 + ']' * 20 + '}')
        case 'wrong-types':
            sound({'id': 7, 'state': ['valid'], 'ids': 'n1', 'tvp': '1'})
        case 'others':
            sound({'state': 'valid', 'id': 'another', 'owner': 'another-org'})
        case 'token-on-stderr':
            secret = sound({'message': ''}).decode()
            print(f'sent {secret} and got {TOKEN.decode()}', file=sys.stderr)
            sys.exit(4)
        case 'token-in-answer':
            secret = read_all(3).decode()
            give_token()
            say({'state': 'valid', 'id': secret, 'owner': f'o-{secret}', 'ids': ['n1', secret],
                 'message': f'it is {secret}, now {TOKEN.decode()}'})
        case 'own-form':
            made = 'org_' + '0' * 55 + '4BOQ1z'  # known by its form alone
            sound({'id': made, 'owner': f'tok_{"0" * 64}', 'message': f'that is {made}', 'state': 'valid'})
            print(f'sent {made}', file=sys.stderr)
        case 'message':
            say({'message': 'too many\nrequests \x1b[31m today', 'retry_after': 60})
            sys.exit(3)
        case 'refuses-with-token':
            sound()
            sys.exit(3)
        case 'grandchild':
            hold_the_pipes(escape=False)
            sound()
        case 'escaped-grandchild':
            hold_the_pipes(escape=True)
            sound()
        case 'tells-itself':
            read_all(3)
            inside = {name: Path('/proc/self', name).read_bytes() for name in ('cmdline', 'environ')}
            fds = sorted(int(fd) for fd in os.listdir('/proc/self/fd'))
            status = dict(line.split(':\t', 1) for line in Path('/proc/self/status').read_text().splitlines()
                          if ':\t' in line)
            report = {'cmdline': inside['cmdline'].decode(), 'environ': sorted(inside['environ'].decode().split('\0')),
                      'fds': fds, 'cwd': os.getcwd(), 'umask': status['Umask'], 'blocked': status['SigBlk'],
                      'ignored': status['SigIgn'], 'leads': os.getpgrp() == os.getpid(),
                      'request': read_all(0).decode()}
            Path(sys.argv[0]).with_name('report').write_text(json.dumps(report))
            give_token()
            say(SOUND[VERB])
        case 'echoes-secrets':
            Path(sys.argv[0]).with_name('secrets').write_bytes(read_all(3))
            Path(sys.argv[0]).with_name('request').write_bytes(read_all(0))
            give_token()
            say(SOUND[VERB])
        case _:
            sys.exit(99)


behave()
