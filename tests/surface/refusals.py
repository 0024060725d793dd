"""What must not compile with a SecretBuffer or a Result. Arguments: include folder, compiler."""
import sys

from compiling import compiler_is_there, diagnostics

PRELUDE = '''#include <tokenvault/vault.hpp>
#include <algorithm>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>
using namespace tokenvault;
void show(const SecretBuffer&);
Status act();
void snippet([[maybe_unused]] SecretBuffer a, [[maybe_unused]] SecretBuffer b) {
'''

# Each compiles but for the one thing that its word of the diagnostics names.
REFUSED = {
    'copied': ('SecretBuffer c(a); show(c);', 'delete'),
    'copy-assigned': ('a = b;', 'delete'),
    'passed by value': ('snippet(a, std::move(b));', 'delete'),
    'compared': ('if (a == b) show(a);', 'operand'),
    'ordered': ('if (a < b) show(a);', 'operand'),
    'streamed': ('std::cout << a;', 'operand'),
    'iterated': ('for (auto byte : a) (void)byte;', 'begin'),
    'taken for a range': ('static_assert(std::ranges::range<SecretBuffer>);', 'static'),
    'spanned': ('std::span<const std::byte> bytes = a; (void)bytes;', 'SecretBuffer'),
    'indexed': ('(void)a[0];', 'operator'),
    'made a string': ('std::string text(a);', 'match'),
    'viewed as text': ('std::string_view text = a; (void)text;', 'SecretBuffer'),
    'tested': ('if (a) show(b);', 'SecretBuffer'),
    'made from text': ('SecretBuffer c("text"); show(c);', 'match'),
    'a dropped status': ('act();', 'nodiscard'),
    'a dropped result': ('SecretBuffer::allocate(1);', 'nodiscard'),
    'a copied vault': ('auto copy = [](const Vault& v) { Vault w(v); (void)w; }; (void)copy;', 'delete'),
}
ACCEPTED = {
    'moved': 'SecretBuffer c(std::move(a)); show(c);',
    'move-assigned': 'a = std::move(b); show(a);',
    'exposed': 'std::span<const std::byte> bytes = a.expose(); (void)bytes;',
    'compared in constant time': 'if (equal_constant_time(a, b)) show(a);',
    'a used status': 'if (!act()) show(a);',
}


def main(include, compiler):
    if not compiler_is_there(compiler):
        print(f'{compiler} is not installed')
        return 77
    faults = []
    for what, line in ACCEPTED.items():
        said = diagnostics(compiler, include, PRELUDE + line + '\n}\n')
        if said is not None:
            faults.append(f'{what}: should compile, but\n{said}')
    for what, (line, word) in REFUSED.items():
        said = diagnostics(compiler, include, PRELUDE + line + '\n}\n')
        if said is None:
            faults.append(f'{what}: compiles')
        elif word not in said:
            faults.append(f'{what}: refused for another reason than {word!r}:\n{said}')
    print(*faults, f'{compiler}: {len(REFUSED)} refused, {len(ACCEPTED)} accepted, {len(faults)} wrong', sep='\n')
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
