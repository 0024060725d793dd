"""Every sentence of backends/README.md has a case in the contract suite, and the other way round."""

import pathlib
import re
import sys


def numbers(path, pattern):
    return [int(n) for n in re.findall(pattern, pathlib.Path(path).read_text(encoding="utf-8"), re.M)]


def main(readme, suite):
    sentences = numbers(readme, r"^- \*\*S(\d+)\*\* ")
    cases = numbers(suite, r'Sentence\{"S(\d+): ')
    faults = [f"S{n} has no case" for n in sentences if n not in cases]
    faults += [f"S{n} is no sentence" for n in cases if n not in sentences]
    for name, found in (("sentences", sentences), ("cases", cases)):
        if found != list(range(1, len(found) + 1)):
            faults.append(f"the {name} are not numbered 1 to {len(found)}")
    if not sentences:
        faults.append("no sentence found")
    for fault in faults:
        print(fault)
    print(f"{len(sentences)} sentences, {len(cases)} cases")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
