"""Writes assets.cpp: `embed.py OUTPUT [gzip:]PATH=FILE...` puts each file into the program, to be served as PATH."""
import gzip
import hashlib
import sys
from pathlib import Path

TYPES = {'.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8',
         '.css': 'text/css; charset=utf-8', '.json': 'application/json', '.txt': 'text/plain; charset=utf-8'}
# .incbin, since a compiler takes minutes over megabytes of numbers. With the digest this text is new when the file is:
# neither the build nor a compiler's cache looks into what .incbin names.
BYTES = '''// sha256 {digest}
asm(".pushsection .rodata\\n"
    ".globl orgapi_asset_{number}\\n.hidden orgapi_asset_{number}\\norgapi_asset_{number}:\\n"
    ".incbin \\"{file}\\"\\n"
    ".popsection");
extern "C" const std::byte orgapi_asset_{number}[{size}];
'''
ROW = '    {{"{path}", "{type}", std::span<const std::byte>(orgapi_asset_{number}), {gzip}}},'
FRAME = '''#include "assets.hpp"

{bytes}
namespace tokenvault::orgapi {{

std::span<const Asset> assets() noexcept {{
  static constexpr Asset kAssets[] = {{
{rows}
  }};
  return kAssets;
}}

}}  // namespace tokenvault::orgapi
'''


def embedded(number, word, folder):
    """One file's bytes and row; a compressed one lies beside the output."""
    path, file = word.split('=', 1)
    compress, path = path.startswith('gzip:'), path.removeprefix('gzip:')
    file = Path(file).resolve()
    data, kind = file.read_bytes(), TYPES[file.suffix]
    if compress:
        data = gzip.compress(data, 9, mtime=0)
        file = folder / f'{file.name}.gz'
        file.write_bytes(data)
    return (BYTES.format(digest=hashlib.sha256(data).hexdigest(), number=number, file=file, size=len(data)),
            ROW.format(path=path, type=kind, number=number, gzip=str(compress).lower()))


def main(output, *words):
    output = Path(output).resolve()
    parts = [embedded(number, word, output.parent) for number, word in enumerate(words)]
    output.write_text(FRAME.format(bytes=''.join(part[0] for part in parts), rows='\n'.join(part[1] for part in parts)),
                      encoding='utf-8')


if __name__ == '__main__':
    main(*sys.argv[1:])
