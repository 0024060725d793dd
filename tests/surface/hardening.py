"""Every program and library that we ship has each protection that linker and compiler offer, and so has every object of
ours. The controls are compiled here without one protection after the other, and each has to be missed.
Arguments: build folder, readelf, what we ship...; compiler words after `--`."""
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tests' / 'support'))
from proof import tried  # noqa: E402

FLAGS = ['-fstack-protector-strong', '-fstack-clash-protection', '-ffile-prefix-map=']
X86_FLAGS = ['-fcf-protection=full']
FORTIFY = '-D_FORTIFY_SOURCE=3'
CONTROL = '''#include <cstring>
#include <unistd.h>
int main(int count, char** words) {
  char text[64];
  std::strcpy(text, words[0]);
  return static_cast<int>(read(count, text, static_cast<size_t>(count))) + text[1];
}
'''
ADDRESS_IN_CODE = CONTROL + 'asm(".text\\n.quad main\\n");\n'
CODE_IN_DATA = CONTROL + 'asm(".section .both, \\"awx\\"\\n.byte 0\\n.text\\n");\n'


def said(*words):
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


class Linked:
    """What readelf says of a program or a shared library."""

    def __init__(self, readelf, file):
        self.header, self.dynamic = said(readelf, '-hW', file), said(readelf, '-dW', file)
        self.symbols = said(readelf, '-sW', file)
        self.segments = re.findall(r'^  ([A-Z_]+) +(?:0x\w+ +){5}([R ][W ][E ])', said(readelf, '-lW', file), re.M)
        self.is_library = '.so' in Path(file).name

    def flags(self):
        return re.findall(r'\w+', ' '.join(re.findall(r'\(FLAGS(?:_1)?\)(.*)', self.dynamic)))

    def missing(self):
        flags, kinds = self.flags(), dict(self.segments)
        paths = re.findall(r'R(?:UN)?PATH.*\[(.*)\]', self.dynamic)
        yield 'relro', 'GNU_RELRO' not in kinds
        yield 'bind now', 'NOW' not in flags and 'BIND_NOW' not in flags
        yield 'position independent', 'DYN (' not in self.header or ('PIE' not in flags and not self.is_library)
        yield 'stack that is not code', 'E' in kinds.get('GNU_STACK', 'E')
        yield 'nothing writable is code', any('W' in rights and 'E' in rights for _, rights in self.segments)
        yield 'code that is not relocated', 'TEXTREL' in self.dynamic
        # Those of the build are relative to the program, and go when it is installed.
        folders = [folder for path in paths for folder in path.split(':') if folder]
        yield 'no libraries from elsewhere', any(not folder.startswith('$ORIGIN') for folder in folders)
        yield 'guarded stack', '__stack_chk_fail' not in self.symbols


class Objects:
    """What is compiled for what we ship: commands, and what came of them."""

    def __init__(self, readelf, commands, folder):
        self.readelf, self.commands, self.folder = readelf, commands, folder
        self.is_x86 = 'X86-64' in said(readelf, '-hW', folder / commands[0]['output'])

    def texts(self):
        """Notes and symbols of each object, by one call."""
        files = [str(self.folder / entry['output']) for entry in self.commands]
        whole = '\n' + said(self.readelf, '-nsW', *files)
        return [part.split('\n', 1)[1] for part in whole.split('\nFile: ')[1:]] or [whole]

    def missing(self):
        guarded = checked = 0
        for entry, text in zip(self.commands, self.texts(), strict=True):
            output, words = entry['output'], entry['command']
            optimised = re.search(r' -O[1-3sg]', words) and '-fsanitize' not in words
            for flag in FLAGS + (X86_FLAGS if self.is_x86 else []) + ([FORTIFY] if optimised else []):
                yield f'{output}: {flag}', flag not in words
            if self.is_x86:
                yield f'{output}: marked for CET', not re.search('x86 feature: IBT, SHSTK', text)
            guarded += '__stack_chk_fail' in text
            checked += bool(re.search(r'__(?!stack)\w+_chk\b', text))
        yield 'an object with a guarded stack', guarded == 0
        # clang checks fewer calls than GCC does, and of ours perhaps none.
        words = self.commands[0]['command']
        yield 'an object with checked calls', checked == 0 and FORTIFY in words and 'clang' not in words
        self.summary = f'{len(self.commands)} objects, {guarded} with guarded functions, {checked} with checked calls'


def ours(build):
    """Commands of the objects that are shipped; the tests have theirs below tests/."""
    commands = json.loads((build / 'compile_commands.json').read_text(encoding='utf-8'))
    for entry in commands:
        file = (Path(entry['directory']) / entry['file']).resolve()
        of_ours = any(file.is_relative_to(ROOT / folder) for folder in ['src', 'backends'])
        if of_ours and not entry['output'].startswith('tests/') and (build / entry['output']).exists():
            yield entry


class Control:
    """One small program, compiled as ours are but for one thing."""

    def __init__(self, readelf, compiler, folder):
        self.readelf, self.folder, self.count = readelf, Path(folder), 0
        self.compiler = [*compiler, '-O2', '-fPIC', '-pie', *FLAGS[:2], '-U_FORTIFY_SOURCE', FORTIFY]
        self.linking = ['-Wl,-z,relro,-z,now', '-Wl,-z,noexecstack']

    def run(self, *words, text=CONTROL):
        output = self.folder / f'control{self.count}'
        self.count += 1
        subprocess.run([*self.compiler, *words, '-x', 'c++', '-', '-o', output], input=text, text=True, check=True,
                       capture_output=True)
        return output

    def linked(self, *words, text=CONTROL):
        """The protections that a control lacks."""
        output = self.run(*self.linking, *words, text=text)
        return {what for what, lacks in Linked(self.readelf, output).missing() if lacks}

    def object(self, *words):
        output = self.run('-c', *words)
        command = ' '.join([*self.compiler, '-ffile-prefix-map=', *words])
        objects = Objects(self.readelf, [{'output': output.name, 'command': command}], self.folder)
        return {what.split(': ')[-1] for what, lacks in objects.missing() if lacks}


def unseen(control):
    """Controls that would pass."""
    cet = ['-fcf-protection=full'] if 'X86-64' in said(control.readelf, '-hW', control.run()) else []
    yield 'a hardened program fails', bool(control.linked()) or bool(control.object(*cet))
    for what, words, text in [
            ('relro', ['-Wl,-z,norelro'], CONTROL), ('bind now', ['-Wl,-z,lazy'], CONTROL),
            ('position independent', ['-no-pie', '-fno-pie'], CONTROL),
            ('stack that is not code', ['-Wl,-z,execstack'], CONTROL),
            ('nothing writable is code', [], CODE_IN_DATA),
            ('code that is not relocated', ['-Wl,-z,notext'], ADDRESS_IN_CODE),
            ('no libraries from elsewhere', ['-Wl,-rpath,/tmp'], CONTROL),
            ('guarded stack', ['-fno-stack-protector'], CONTROL)]:
        yield f'without "{what}"', what not in control.linked(*words, text=text)
    lacking = {'an object with a guarded stack': '-fno-stack-protector',
               'an object with checked calls': '-U_FORTIFY_SOURCE', 'marked for CET': '-fcf-protection=none'}
    for what, word in lacking.items():
        if not (what == 'marked for CET' and not cet or 'calls' in what and 'clang' in ' '.join(control.compiler)):
            yield f'without "{what}"', what not in control.object(word)


def main(build, readelf, *words):
    shipped, compiler = words[:words.index('--')], words[words.index('--') + 1:]
    faults, tries = [], 0
    with tempfile.TemporaryDirectory() as folder:
        for what, passes in unseen(Control(readelf, compiler, folder)):
            tries += 1
            faults += [f'control: {what}'] if passes else []
        tried('controls that lack one protection each, and pass', tries, len(faults))
    linked = [file for file in shipped if not file.endswith('.a')]
    for file in linked:
        missed = [(what, lacks) for what, lacks in Linked(readelf, file).missing()]
        found = [f'{file}: {what}' for what, lacks in missed if lacks]
        tried(f'protections of {Path(file).name}', len(missed), len(found))
        faults += found
    objects = Objects(readelf, list(ours(Path(build))), Path(build))
    missed = list(objects.missing())
    found = [what for what, lacks in missed if lacks]
    tried('flags and marks of our objects', len(missed), len(found))
    faults += found
    print(*faults[:40], objects.summary, f'{len(linked)} files linked, {len(faults)} faults', sep='\n')
    return 1 if faults or not linked else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
