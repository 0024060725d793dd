"""The Node module. Arguments: the command, the library, a folder to install koffi into."""
import shutil
import subprocess
import sys

import node_home
from client_home import HERE, LIBRARY, VALUE, hits_of, token_of_no_text
from harness import MARKER, run_all, tests_of
from scanner import is_arena

BUILD = sys.argv[3]
TOKEN = token_of_no_text(b'another token to look for')


def script(folder, name):
    shutil.copy(HERE / name, folder / name)
    return folder / name


def test_what_each_call_promises(home):
    folder = node_home.installed(BUILD)
    for name in ('node_test.mjs', 'node_hostile_test.mjs'):
        said = node_home.run(home, folder, '--expose-gc', '--test-reporter=tap', script(folder, name), str(home.path))
        assert MARKER not in said, 'a secret in the output'
        assert '# fail 0' in said and '# pass 0' not in said, said


def test_the_defaults_are_those_of_the_command(home):
    folder = node_home.installed(BUILD)
    home.init().put('acme/api', VALUE.decode())
    (folder / 'defaults.mjs').write_text(
        "import { open } from 'tokenvault';\nconst vault = open();\nconst token = vault.get('acme/api');\n"
        'console.log(token.length, `${token}`);\n', encoding='utf-8')
    assert node_home.run(home, folder, 'defaults.mjs') == f'{len(VALUE)} <secret>\n'


def test_a_library_that_is_not_there_is_one_line(home):
    folder = node_home.installed(BUILD)
    (folder / 'absent.mjs').write_text("import('tokenvault').catch((error) => console.log(error.message));\n",
                                       encoding='utf-8')
    told = subprocess.run([node_home.node(), 'absent.mjs'], cwd=folder, capture_output=True, text=True, check=True,
                          env={**home.variables, 'TOKENVAULT_LIBRARY': '/dev/null'}, timeout=60)
    assert told.stdout == ('tokenvault: cannot load /dev/null: install libtokenvault, or set TOKENVAULT_LIBRARY to '
                           'the path of it\n'), told.stdout


def hits_after(home, way):
    folder = node_home.installed(BUILD)
    home.init().run('put', 'acme/api', '--stdin', stdin=TOKEN)
    return hits_of([node_home.node(), script(folder, 'node_memory_probe.mjs'), way], TOKEN, cwd=folder,
                   env={**home.variables, 'TOKENVAULT_LIBRARY': LIBRARY})


def test_what_was_made_a_string_is_found(home):
    assert [hit for hit in hits_after(home, 'text') if not is_arena(hit.mapping)], 'a scan that finds nothing'


def test_nothing_is_left_of_what_was_wiped(home):
    hits = hits_after(home, 'wiped')
    assert not hits, sorted({(hit.form, hit.mapping.name) for hit in hits})


def test_types_are_right(home):
    folder = node_home.installed(BUILD, *node_home.TYPES)
    shutil.copy(HERE / 'node_types.ts', folder / 'node_types.ts')
    told = node_home.run(home, folder, folder / 'node_modules/typescript/bin/tsc', '--noEmit', '--strict', '--module',
                         'nodenext', '--target', 'es2022', '--lib', 'es2022,esnext.disposable', 'node_types.ts')
    assert told == '', told


if __name__ == '__main__':
    run_all(tests_of(globals()))
