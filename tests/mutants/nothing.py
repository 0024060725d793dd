"""In what is shipped the guards' switches are nothing: no name of one, no variable, and not one instruction more.

    nothing.py BUILD

The library of an ordinary build is searched for the variable and for every guard's name. Then files that have switches
are compiled twice, as they are and with `false` in place of each, and the assembly of both has to be the same; with the
switches on it has to be another, else this compared nothing.
"""
import json
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from support import proof  # noqa: E402
from mutants import ROOT, USE, written  # noqa: E402

VARIABLE = 'TOKENVAULT_MUTANT'
SLICE = 3


def commands(build):
    """The words that compile each file which has a switch, without those about files."""
    found = {}
    for entry in json.loads((build / 'compile_commands.json').read_text(encoding='utf-8')):
        path = (Path(entry['directory']) / entry['file']).resolve()
        if path in found or not path.is_relative_to(ROOT) or path.suffix != '.cpp':
            continue
        if USE.search(path.read_text(encoding='utf-8')):
            words = shlex.split(entry['command'])
            words = [word for word in words if not word.startswith(('-M', '-g', '-D' + VARIABLE)) and word != 'ccache']
            del words[words.index('-o'):words.index('-o') + 2]
            words = [word for word in words if not word.endswith(('.cpp', '.o', '.d')) and word not in ('-c', '-MQ', '-MF')]
            found[path] = words
    return found


def assembly(build, words, path, text, more=()):
    with tempfile.TemporaryDirectory(prefix='tokenvault-mutant.') as folder:
        out = Path(folder) / 'out.s'
        source = f'#line 1 "{path.name}"\n{text}'
        done = subprocess.run([*words, *more, f'-I{path.parent}', '-S', '-x', 'c++', '-', '-o', str(out)], cwd=build,
                              input=source, text=True, capture_output=True)
        if done.returncode:
            raise SystemExit(f'{path}: does not compile here: {done.stderr[:2000]}')
        return out.read_text(encoding='utf-8')


def compared(build, path, words):
    """What is wrong with one file; nothing where its switches are nothing."""
    text = path.read_text(encoding='utf-8')
    is_cleared, cleared = assembly(build, words, path, text), assembly(build, words, path, USE.sub('false', text))
    if is_cleared != cleared:
        return f'{path.relative_to(ROOT)}: its switches are in the code'
    if any(f'"{name}"' in cleared for name in USE.findall(text)):
        return f'{path.relative_to(ROOT)}: the name of a switch is in the code'
    switched = assembly(build, words, path, text, ['-D' + VARIABLE + 'S'])
    if switched == cleared or VARIABLE not in switched:
        return f'{path.relative_to(ROOT)}: with its switches on it is the same, so nothing was compared'
    return None


def named(library):
    """The guards that a built file knows of, and the variable."""
    held = library.read_bytes()
    return [name for name in (VARIABLE, *written()) if b'\0' + name.encode() + b'\0' in held]


def main(arguments):
    build = Path(arguments[0]).resolve()
    libraries = [path for path in (build / 'libtokenvault.a', build / 'libtokenvault.so') if path.exists()]
    if not libraries:
        print('no library was built')
        return 1
    faults = [f'{library.name} knows of {name}' for library in libraries for name in named(library)]
    files = commands(build)
    points = proof.sample(sorted(files), SLICE)
    if len(points) < len(files):
        proof.left_out(f'{len(files) - len(points)} of {len(files)} files with switches')
    found = [fault for fault in (compared(build, path, files[path]) for path in points) if fault]
    print(*faults, *found, sep='\n')
    proof.tried('names of switches in the library', len(written()) + 1, len(faults))
    proof.tried('files with switches that compile to the same', len(points), len(found))
    return 1 if faults or found or not points else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
