"""Whoever keeps a vault on one machine loads no HTTP client: neither the library nor the command names one.
Arguments: files with libcurl, one at least, so that it would be seen; `--`; files without."""
import sys
from pathlib import Path


def has_curl(file):
    """Whether it asks for libcurl, has a call into it, or has it inside."""
    content = Path(file).read_bytes()
    return any(word in content for word in (b'curl_easy_', b'libcurl.so', b'libcurl/'))


def main(*files):
    between = files.index('--')
    faults = [f'libcurl would not be seen: it is not in {file}' for file in files[:between] if not has_curl(file)]
    faults += [f'{file} has libcurl' for file in files[between + 1:] if has_curl(file)]
    print(*faults, f'{len(files) - 1} files, {len(faults)} faults', sep='\n')
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
