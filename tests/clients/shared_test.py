"""One vault, and one token of it in every language: each fetches the same value, and sees what the others do.
Arguments: the command, the library, a folder to build in, the program in C."""
import os
import subprocess
import sys

import node_home
import rust_home
from client_home import CLIENTS, LIBRARY, OTHER, VALUE, same
from harness import Skipped, run_all, tests_of

import tokenvault

BUILD, C_PROGRAM = sys.argv[3:5]
NAME = 'acme/api'
PYTHON = '''
import os, tokenvault
with tokenvault.open() as vault, vault.get('acme/api') as token, token.view() as value:
    os.write(1, value)
'''
NODE = '''
import { writeSync } from 'node:fs';
import { open } from 'tokenvault';
const vault = open(), token = vault.get('acme/api');
writeSync(1, token.reveal());
token.wipe();
'''
SHELL = 'token=$("$1" get acme/api) && printf %s "$token"'


def fetched(home, *words, folder=None, **variables):
    told = subprocess.run(words, env={**home.variables, 'TOKENVAULT_LIBRARY': LIBRARY, **variables}, cwd=folder,
                          capture_output=True, timeout=120, check=False)
    assert told.returncode == 0, told.stderr.decode()
    return told.stdout


def node_script(text):
    folder = node_home.installed(BUILD)
    (folder / f'shared-{os.getpid()}.mjs').write_text(text, encoding='utf-8')
    return folder, folder / f'shared-{os.getpid()}.mjs'


def by_node(home):
    folder, script = node_script(NODE)
    try:
        return fetched(home, node_home.node(), script, folder=folder)
    finally:
        script.unlink()


def by_rust(home):
    program, folder = rust_home.fetch_program(BUILD)
    return fetched(home, program, NAME, LD_LIBRARY_PATH=str(folder))


CLIENTS_OF = {
    'C': lambda home: fetched(home, C_PROGRAM, NAME),
    'Python': lambda home: fetched(home, sys.executable, '-B', '-c', PYTHON, PYTHONPATH=str(CLIENTS / 'python')),
    'Node': by_node,
    'Rust': by_rust,
    'shell': lambda home: fetched(home, 'sh', '-c', SHELL, 'sh', home.command),
    'run': lambda home: fetched(home, home.command, 'run', '--env', f'TOKEN={NAME}', '--', 'sh', '-c',
                                'printf %s "$TOKEN"'),
}


def all_fetch(home, expected):
    for language, fetch in CLIENTS_OF.items():
        try:
            same(fetch(home), expected)
            print(f'  {language}: fetched')
        except Skipped as reason:
            print(f'  {language}: skipped, {reason}')


def test_every_language_fetches_what_any_other_put(home):
    home.init().put(NAME, VALUE.decode())
    all_fetch(home, VALUE)
    with tokenvault.open(home.vault, key_file=home.path / 'a.key', anchors='') as vault:
        vault.put(NAME, OTHER)
    all_fetch(home, OTHER)


def test_a_lease_sees_what_the_command_rotates(home):
    home.init().put(NAME, VALUE.decode())
    home.run('policy', NAME, '--provider', 'human')
    with tokenvault.open(home.vault, key_file=home.path / 'a.key', anchors='') as vault, vault.lease(NAME) as lease:
        same(lease.get().reveal(), VALUE)
        assert vault.stage(NAME, OTHER).phase is tokenvault.Phase.STAGED
        home.run('rotate', 'promote', NAME, '--unverified')
        assert lease.wait(1, 60) == 2
        same(lease.get().reveal(), OTHER)
        same(vault.read(NAME, previous=True), VALUE)


NODE_WAITS = '''
import { open } from 'tokenvault';
const lease = open().lease('acme/api');
console.log('ready');
const version = await lease.waitAsync(1, 60000);
console.log(version, lease.get().length);
'''


def test_a_node_service_sees_what_another_process_puts(home):
    home.init().put(NAME, VALUE.decode())
    folder, script = node_script(NODE_WAITS)
    with subprocess.Popen([node_home.node(), script], cwd=folder, stdout=subprocess.PIPE, text=True,
                          env={**home.variables, 'TOKENVAULT_LIBRARY': LIBRARY}) as service:
        assert service.stdout.readline() == 'ready\n'
        script.unlink()
        home.put(NAME, OTHER.decode() + '-longer')
        assert service.stdout.readline() == f'2 {len(OTHER) + 7}\n'


if __name__ == '__main__':
    run_all(tests_of(globals()))
