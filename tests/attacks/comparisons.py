"""No secret is compared by what stops at the first byte that differs: read from the code.

What leaves a SecretBuffer (`expose()`), and what is made of a key to be compared with something an attacker chose
(a commitment, a MAC, a kept digest), goes through sodium_memcmp. Time is not measured here: the code either calls it
or does not.
"""
import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'support'))
import proof  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent.parent
C_CALL = re.compile(r'(?<![\w:])(?:std::|::)?(memcmp|bcmp|strcmp|strncmp|strcasecmp|strncasecmp|wmemcmp)\s*\(')
# Not the size of a secret, nor whether it is there: those are told anyway.
HARMLESS = re.compile(r'expose\(\)\s*\.\s*(?:size|empty)\(\)|[!=]=\s*nullptr')
COMPARES = re.compile(r'==|!=|<=>|\bequal\s*\(|\bmismatch\s*\(|lexicographical_compare|\.compare\s*\(|starts_with|ends_with|'
                      r'\b(?:ranges::)?(?:find|search|count)\s*\(')
CONSTANT = re.compile(r'\b(?:crypto::equal|equal_constant_time|sodium_memcmp)\s*\(')

# By file: what may stop early, as it stands there, and why.
ALLOWED = {
    'src/cli/keyring/kept_key.cpp': [('std::memcmp(head.magic, kMagic, ', 'four letters that every such key begins with')],
    'src/recipe/http_request.cpp': [('::strcasecmp(header.name.c_str(), ', 'the name of an HTTP header')],
    'src/recipe/send_reader.cpp': [('::strcasecmp(other, name.c_str())', 'the name of an HTTP header')],
    'src/orgapi/main.cpp': [("expose().back() == std::byte{'\\n'}", 'the end of a line')],
    'src/cli/exchange/text_source.cpp': [("== std::byte{'\\r'}", 'the end of a line'),
                                         ("== std::byte{'\\n'}", 'the end of a line')],
    'src/cli/exchange/secret_text.cpp': [('size_ == 0', 'a size')],
    'src/format/recovery_code.cpp': [('digits != kCharacters', 'how many letters were typed')],
    'src/keys/slot.cpp': [('source.kind() != SlotKind::passphrase', 'a kind')],
    'src/tvp/run.cpp': [('said_.words.size() == kMaxWords', 'a size')],
}
# What has to be there: the comparisons that decide who gets in, by what they are made of.
REQUIRED = [
    ('src/crypto/hash.cpp', r'bool equal\([^)]*\) noexcept \{\s*return \(\S+ \|\| a\.size\(\) == b\.size\(\)\) &&\s*'
                            r'\(\S+ \|\| ::sodium_memcmp\('),
    ('src/core/secret.cpp', r'bool equal_constant_time\([^{]*\{[^}]*sodium_memcmp\('),
    ('src/keys/slot.cpp', r'!crypto::equal\(derived\.commit\(\), slot\.commit\(\)\)'),
    ('src/vault/state.cpp', r'!crypto::equal\(mac, parts\.mac\)'),
    ('src/vault/keyring.cpp', r'crypto::equal\(master_\.expose\(\), known\)'),
    ('src/vault/keyring.cpp', r'crypto::equal\(master, known\)'),
    ('src/format/recovery_code.cpp', r'crypto::equal\(expected,'),
    ('src/issuer/verifiers.cpp', r'crypto::equal\(\*kept, mark\)'),
    ('src/issuer/verifiers.cpp', r'crypto::equal\(kept\.value_or\(BytesView\(nothing\)\), digest\)'),
    ('src/orgapi/session.cpp', r'sodium_memcmp\(session\.digest'),
    ('src/orgapi/password.cpp', r'crypto_pwhash_str_verify\('),
]


def without_comments(text):
    def blank(match):
        return match.group() if match.group().startswith(('"', "'")) else ' '
    return re.sub(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'|//[^\n]*|/\*.*?\*/', blank, text, flags=re.S)


def statements(text):
    """Pieces that end with `;`, `{` or `}` outside of a literal."""
    piece = ''
    for part in re.findall(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'|std::byte\{[^}]*\}|[;{}]|.', text, flags=re.S):
        if part in ';{}':
            yield ' '.join(piece.split())
            piece = ''
        else:
            piece += part
    yield ' '.join(piece.split())


def without_allowed(path, statement):
    for piece, _ in ALLOWED.get(path, ()):
        statement = statement.replace(piece, '')
    return statement


def faults_in(path, text):
    found = []
    for statement in statements(without_comments(text)):
        statement = without_allowed(path, statement)
        if C_CALL.search(statement):
            found.append(f'{path}: stops at the first byte that differs: {statement}')
        rest = HARMLESS.sub('', statement)
        if 'expose()' in rest and COMPARES.search(CONSTANT.sub('(', rest)):
            found.append(f'{path}: compares what is secret by: {statement}')
    return found


def faults(root):
    found, looked = [], 0
    for folder in ('src', 'backends', 'include'):
        for path in sorted((root / folder).rglob('*.[ch]pp')):
            name = path.relative_to(root).as_posix()
            text = path.read_text(encoding='utf-8')
            looked += sum(1 for _ in statements(without_comments(text)))
            found += faults_in(name, text)
    for name, pattern in REQUIRED:
        path = root / name
        if not path.is_file() or not re.search(pattern, without_comments(path.read_text(encoding='utf-8')), re.S):
            found.append(f'{name}: does not compare by {pattern}')
    return found, looked


PLANTED = [
    'bool f() { return key.expose() == other; }',
    'bool f() { return std::ranges::equal(key.expose(), other); }',
    'bool f() { return std::equal(a.begin(), a.end(),\n    key.expose().begin()); }',
    'bool f() { return ::memcmp(a, b, 32) == 0; }',
    'bool f() { return std::memcmp(a, b, 32) != 0; }',
    'bool f() { return as_text(key.expose()).starts_with(guess); }',
    'bool f() { return strcmp(a, b) == 0; }',
    'auto f() { return std::ranges::find(all, as_text(key.expose())); }',
]
HONEST = [
    'bool f() { return key.expose().size() == 32; }',
    'bool f() { return crypto::equal(key.expose(), other); }',
    'bool f() { return sodium_memcmp(a, b, 32) == 0; }',
    '// key.expose() == other\nbool f() { return true; }',
    'bool f() { return secret == nullptr ? 0 : g(secret->expose()); }',
]


def check_itself():
    for text in PLANTED:
        assert faults_in('src/x.cpp', text), f'not seen: {text}'
    for text in HONEST:
        assert not faults_in('src/x.cpp', text), faults_in('src/x.cpp', text)
    with tempfile.TemporaryDirectory() as empty:
        assert len(faults(Path(empty))[0]) == len(REQUIRED)


def main():
    check_itself()
    found, looked = faults(ROOT)
    print(*found, sep='\n')
    proof.tried('attack: secrets compared by what stops early (statements read)', looked, len(found))
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
