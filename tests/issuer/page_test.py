"""docs/issuer.md says what is compiled, computed and answered: its code, its vectors, its golden bytes."""
import json
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
PAGE = (HERE.parents[1] / 'docs' / 'issuer.md').read_text(encoding='utf-8')


def blocks(language):
    return re.findall(rf'^```{language}\n(.*?)^```$', PAGE, re.M | re.S)


def missing():
    program = (HERE / 'page_test.cpp').read_text(encoding='utf-8')
    yield from (part for block in blocks('cpp') for part in block.split('\n\n') if part not in program)
    golden = (HERE / 'refusals_test.cpp').read_text(encoding='utf-8')
    yield from (line for line in blocks('json')[0].splitlines() if line not in golden)
    yield from (said for said in re.findall(r'`(Bearer realm[^`]*)`', PAGE) if said not in golden)
    vectors = json.loads((HERE.parent / 'vectors' / 'token_format.json').read_text(encoding='utf-8'))
    rows = [f'| `{each["token"]}` | {each["crc32"]} | {each["digest"]} |' for each in vectors['tokens']]
    yield from (text for text in [vectors['hash_key'], *rows] if text not in PAGE)


def main():
    faults = list(missing())
    print(*(f'docs/issuer.md and the tests differ in: {fault}' for fault in faults), sep='\n')
    return 1 if faults or subprocess.run([sys.argv[1]], check=False).returncode != 0 else 0


if __name__ == '__main__':
    sys.exit(main())
