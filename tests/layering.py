"""Arrows only go down: fails on an include that leads up or sideways, see docs/design.md."""
import re
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MAX_LINES = 400
# One header for every language that calls C, so that one include or one parser run is all of it.
LONG_FILES = {'include/tokenvault.h': 500}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)

# What each room may include besides itself and the standard library. A library is named by its header.
ROOMS = {
    'include': set(),
    'include/tokenvault': set(),
    'src/core': {'tokenvault', 'fmt'},
    'src/crypto': {'tokenvault', 'fmt', 'core', 'sodium.h'},
    'src/format': {'tokenvault', 'fmt', 'core', 'crypto'},
    'src/keys': {'tokenvault', 'fmt', 'core', 'crypto', 'format'},
    'src/vault': {'tokenvault', 'fmt', 'core', 'crypto', 'format', 'keys'},
    'src/rotation': {'tokenvault', 'fmt', 'core', 'crypto', 'format', 'keys', 'vault'},
    'src/issuer': {'tokenvault', 'fmt', 'core', 'crypto', 'backends/sqlite', 'sqlite3.h'},
    'src/orgapi': {'tokenvault', 'fmt', 'CLI', 'nlohmann', 'microhttpd.h'},
    'src/tvp': {'tokenvault', 'fmt', 'core', 'crypto', 'nlohmann'},
    'src/capi': {'tokenvault', 'include'},
    'src/cli': {'tokenvault', 'fmt', 'CLI', 'nlohmann', 'keyutils.h'},
    'src/recipe': {'tokenvault', 'fmt', 'core', 'nlohmann', 'curl'},
    'backends': {'tokenvault', 'fmt', 'core'},
    'backends/memory': {'tokenvault', 'fmt', 'core', 'backends'},
    'backends/file': {'tokenvault', 'fmt', 'core', 'backends'},
    'backends/env': {'tokenvault', 'fmt', 'core', 'backends'},
    'backends/etcd': {'tokenvault', 'fmt', 'core', 'backends', 'nlohmann', 'curl'},
    'backends/sqlite': {'tokenvault', 'fmt', 'core', 'backends', 'sqlite3.h'},
}
# The files that may see more than their room, by stem.
EXCEPTIONS = {
    'src/core/secret': {'sodium.h'},
    'src/core/arena': {'sodium.h'},
    'src/orgapi/password': {'sodium.h'},
    'src/orgapi/session': {'sodium.h'},
    'backends/etcd/base64': {'sodium.h'},
    'backends/etcd/swap': {'sodium.h'},
    'backends/open_store': {'backends/memory', 'backends/sqlite'},
}
# Nothing at all but in the build that tests the tests, so every room may have it; not so what is installed.
GUARD = 'src/core/mutant.hpp'
LIBRARIES = {'sodium': 'sodium.h', 'sodium.h': 'sodium.h', 'sqlite3.h': 'sqlite3.h', 'fmt': 'fmt', 'CLI': 'CLI',
             'nlohmann': 'nlohmann', 'curl': 'curl', 'microhttpd.h': 'microhttpd.h', 'keyutils.h': 'keyutils.h'}
SYSTEM = re.compile(r'(arpa|netinet|sys|linux|asm|sanitizer)/[\w/.-]+$|[\w-]+\.h$|[a-z_]+$')


def room_of(path):
    folder = path.parent.as_posix()
    return next((room for room in sorted(ROOMS, key=len, reverse=True)
                 if folder == room or folder.startswith(room + '/') and room not in ('backends', 'include')), None)


def target_of(root, path, kind, name):
    """The room or library that an include leads to; None for the standard library, '?' for what nobody knows."""
    if kind == '"':
        for base in (path.parent, root / 'include', root / 'src', root / 'backends'):
            found = (base / name).resolve()
            if found == root / GUARD:
                return GUARD
            if found.is_file() and root in found.parents:
                return room_of(found.relative_to(root)) or '?'
        return '?'
    first = name.split('/')[0]
    if first == 'tokenvault':
        return 'include/tokenvault'
    if first in LIBRARIES:
        return LIBRARIES[first]
    return ('system' if '.' in name else None) if SYSTEM.match(name) else '?'


def is_allowed(room, path, target):
    if target is None or target == room or (target == 'system' and room != 'include/tokenvault'):
        return True
    if target == GUARD:
        return not room.startswith('include')
    stem = path.with_suffix('').as_posix()
    allowed = ROOMS[room] | EXCEPTIONS.get(stem, set())
    return target in allowed or target.removeprefix('src/').removeprefix('include/') in allowed


def faults_of_file(root, path):
    relative = path.relative_to(root)
    text = path.read_text(encoding='utf-8')
    most = LONG_FILES.get(relative.as_posix(), MAX_LINES)
    if text.count('\n') > most:
        yield f'{relative}: {text.count(chr(10))} lines, more than {most}'
    if path.suffix == '.hpp' and not text.startswith('#pragma once\n'):
        yield f'{relative}: does not begin with #pragma once'
    room = room_of(relative)
    if room is None:
        yield f'{relative}: is in no room'
        return
    for kind, name in INCLUDE.findall(text):
        target = target_of(root, path, kind, name)
        if not is_allowed(room, relative, target):
            yield f'{relative}: {room} may not include {name}'


def sources(root):
    return sorted(path for folder in ('include', 'src', 'backends')
                  for path in (root / folder).rglob('*') if path.suffix in ('.hpp', '.cpp', '.h', '.c'))


def faults(root):
    return [fault for path in sources(root) for fault in faults_of_file(root, path)]


PLANTS = {
    'include/tokenvault/planted.hpp': ['#include <fmt/core.h>', '#include <sodium.h>', '#include "core/bytes.hpp"',
                                       '#include <unistd.h>', '#include "core/mutant.hpp"'],
    'src/core/planted.hpp': ['#include <sodium.h>', '#include "crypto/aead.hpp"', '#include <sqlite3.h>'],
    'src/crypto/planted.hpp': ['#include "format/node.hpp"', '#include <sqlite3.h>'],
    'src/format/planted.hpp': ['#include "keys/slot.hpp"', '#include <sodium.h>', '#include "../vault/tree.hpp"'],
    'src/keys/planted.hpp': ['#include "vault/tree.hpp"', '#include <sodium/utils.h>', '#include <keyutils.h>'],
    'src/vault/planted.hpp': ['#include "sqlite/statement.hpp"', '#include <sqlite3.h>', '#include <sodium.h>'],
    'src/tvp/planted.hpp': ['#include "vault/tree.hpp"', '#include "rotation/machine.hpp"', '#include <sodium.h>'],
    'src/issuer/planted.hpp': ['#include "vault/tree.hpp"', '#include "rotation/machine.hpp"', '#include <sodium.h>',
                               '#include <microhttpd.h>'],
    'src/orgapi/planted.hpp': ['#include "issuer/verifiers.hpp"', '#include "core/bytes.hpp"', '#include <sodium.h>',
                               '#include <sqlite3.h>'],
    'src/capi/planted.hpp': ['#include "core/bytes.hpp"', '#include "vault/impl.hpp"', '#include <fmt/core.h>'],
    'src/cli/planted.hpp': ['#include "core/bytes.hpp"', '#include "../core/try.hpp"', '#include <sodium.h>'],
    'src/recipe/planted.hpp': ['#include "vault/tree.hpp"', '#include <sodium.h>', '#include <CLI/CLI.hpp>'],
    'backends/memory/planted.hpp': ['#include "sqlite/statement.hpp"', '#include "vault/tree.hpp"'],
    'backends/file/planted.hpp': ['#include "env/base64url.hpp"', '#include "format/node.hpp"', '#include <sodium.h>'],
    'backends/env/planted.hpp': ['#include "file/lock_file.hpp"', '#include "vault/environment_block.hpp"'],
    'backends/sqlite/planted.hpp': ['#include "crypto/hash.hpp"', '#include "format/node.hpp"',
                                    '#include "keys/slot.hpp"', '#include <sodium.h>', '#  include "vault/tree.hpp"'],
    'backends/planted.hpp': ['#include "sqlite/statement.hpp"'],
    'src/attic/planted.hpp': [''],
    'src/vault/long.cpp': ['// line' + '\n// line' * MAX_LINES],
    'src/vault/unguarded.hpp': ['UNGUARDED'],
    'src/vault/lost.cpp': ['#include "nowhere/at_all.hpp"'],
}


def self_test():
    """Plants one violation at a time into a copy of the tree; each must be seen, and by its own name."""
    planted, missed = 0, []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        for part in ('include', 'src', 'backends'):
            shutil.copytree(ROOT / part, root / part)
        before = faults(root)
        for place, lines in PLANTS.items():
            for line in lines:
                path = root / place
                path.parent.mkdir(exist_ok=True)
                guard = '#pragma once\n' if path.suffix == '.hpp' and line != 'UNGUARDED' else ''
                path.write_text(guard + line + '\n', encoding='utf-8')
                fresh = [fault for fault in faults(root) if fault not in before]
                planted += 1
                if len(fresh) != 1 or not fresh[0].startswith(place + ':'):
                    missed.append(f'{place}: {line[:60]!r} gave {fresh}')
                path.unlink()
    print(f'{planted} violations planted, {len(missed)} missed', *missed, sep='\n')
    return 1 if missed else 0


def main():
    if sys.argv[1:] == ['--self-test']:
        return self_test()
    found = faults(ROOT)
    looked_at = len(sources(ROOT))
    print(*found, f'{looked_at} files, {len(found)} faults', sep='\n')
    return 1 if found or not looked_at else 0


if __name__ == '__main__':
    sys.exit(main())
