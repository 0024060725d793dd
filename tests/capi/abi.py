"""The C functions and their structs are those of the stored description, tokenvault.abi, or an addition to them.

Arguments: include folder, nm, C compiler, library. With --accept the description is written anew: to be done for
additions alone; a break needs a new soname."""
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

STORED = Path(__file__).with_name('tokenvault.abi')
CHANGED = 4  # of abidiff's exit code, a set of bits
# One break per kind, made in a copy of the header; each must be seen.
BREAKS = [
    ('a field inserted', '  uint32_t epoch;', '  uint64_t inserted; uint32_t epoch;'),
    ('a field of another size', '  uint64_t tokens;', '  uint32_t tokens;'),
    ('a parameter dropped', ', uint32_t* version, tv_error* error);', ', tv_error* error);'),
    ('another type returned', 'TV_API size_t tv_secret_size', 'TV_API uint32_t tv_secret_size'),
]


def run(*words):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True)


def exported(nm, library):
    lines = run(nm, '-D', '--defined-only', library).stdout.splitlines()
    return sorted({line.split()[-1].split('@')[0] for line in lines if line.split()[-1].startswith('tv_')})


def describe(folder, include, compiler, names):
    """A description of every function's type, from an object whose variables have those types: the library's own
    debug information would bring all of its C++ along."""
    folder.mkdir()
    source, library, out = folder / 'names.c', folder / 'names.so', folder / 'names.abi'
    source.write_text('#include "tokenvault.h"\n' + ''.join(f'__typeof__({name})* abi_{name};\n' for name in names),
                      encoding='utf-8')
    built = run(*compiler, '-std=gnu11', '-g', '-shared', '-fPIC', f'-I{include}', source, '-o', library)
    if built.returncode != 0:
        sys.exit(f'an exported function is not in the header:\n{built.stderr}')
    made = run('abidw', '--no-corpus-path', '--no-show-locs', '--no-comp-dir-path', '--no-elf-needed',
               '--out-file', out, library)
    if made.returncode != 0:
        sys.exit(f'abidw: {made.stderr}')
    text = re.sub(r" (path|soname)='[^']*'", '', out.read_text(encoding='utf-8'))
    out.write_text(text, encoding='utf-8')
    return out


def missed_breaks(folder, include, compiler, names, good):
    header = Path(include, 'tokenvault.h').read_text(encoding='utf-8')
    for number, (title, old, new) in enumerate(BREAKS):
        copy = folder / f'break-{number}'
        copy.mkdir()
        if old not in header:
            yield f'{title}: {old!r} is no longer in the header'
            continue
        (copy / 'tokenvault.h').write_text(header.replace(old, new, 1), encoding='utf-8')
        broken = describe(folder / f'description-{number}', copy, compiler, names)
        if not run('abidiff', good, broken).returncode & CHANGED:
            yield f'{title} would not be seen'


def declared(include):
    text = Path(include, 'tokenvault.h').read_text(encoding='utf-8')
    return sorted(re.findall(r'^TV_API [\w* ]*?\b(tv_\w+)\(', text, re.M))


def main(include, nm, library, *compiler):
    accept = compiler[-1:] == ('--accept',)
    compiler = compiler[:-1] if accept else compiler
    if shutil.which('abidw') is None or shutil.which('abidiff') is None:
        print('abidw and abidiff are not installed')
        return 77
    names = exported(nm, library)
    if names != declared(include):
        print(f'exported but not declared, or the other way: {sorted(set(names) ^ set(declared(include)))}')
        return 1
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        now = describe(folder / 'now', include, compiler, names)
        if accept:
            shutil.copy(now, STORED)
        difference = run('abidiff', STORED, now)
        faults = list(missed_breaks(folder, include, compiler, names, now))
    if difference.returncode != 0:
        faults.append(f'{difference.stdout}{difference.stderr}an addition is to be accepted, a break needs a new soname')
    print(*faults, f'{len(names)} functions, {len(faults)} faults', sep='\n')
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
