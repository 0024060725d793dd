"""Adds a backend to a copy of the tree by the steps of backends/README.md and by nothing else.

It must build without the vault, stay within its room and pass the contract, and the contract must notice each
sentence that is broken in it.
"""
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOY = Path(__file__).resolve().parent / "toy"
PARTS = ["meson.build", "meson_options.txt", "include", "src", "backends", "tests", "docs", "LICENSE", "README.md"]
PROGRAM = "tests/backends/backend_toy"
ABOVE_A_BACKEND = ("'crypto/", "'format/", "'keys/", "'vault/")

# What a step adds, and the line of a file before which it goes.
STEPS = [
    ("include/tokenvault/backends.hpp", "/// Opens what `uri` names",
     "TOKENVAULT_API Result<std::unique_ptr<Store>> open_toy_store(const std::string& name);\n\n"),
    ("backends/open_store.cpp", "/// Every backend there is",
     "#ifdef TOKENVAULT_TOY\n"
     "Result<std::unique_ptr<Store>> open_toy(std::string_view rest, const StoreOptions&) {\n"
     "  return open_toy_store(std::string(rest));\n"
     "}\n"
     "#else\n"
     "constexpr auto open_toy = nullptr;\n"
     "#endif\n\n"),
    ("backends/open_store.cpp", '    Scheme{"sqlite"', '    Scheme{"toy", open_toy},\n'),
    ("meson_options.txt", "option('cli'", "option('toy', type: 'feature', value: 'enabled', description: 'an example')\n"),
    ("backends/meson.build", "if sqlite.found()",
     "if get_option('toy').allowed()\n"
     "  library_sources += files('toy/toy_store.cpp')\n"
     "  backend_args += '-DTOKENVAULT_TOY'\n"
     "endif\n"),
    ("tests/backends/meson.build", "if sqlite.found()", "backend_tests += {'toy': ['toy_store_test.cpp']}\n"),
    ("tests/layering.py", "    'backends/sqlite': {", "    'backends/toy': {'tokenvault', 'fmt', 'core', 'backends'},\n"),
]

# A sentence, and the change in the toy that breaks it.
BREAKS = [
    ("S16", "ids.size() < limit", "ids.size() <= limit"),
    ("S30", "scoped_ ? scoped_ : current()", "current()"),
]


def replace_once(path, old, new):
    text = path.read_text(encoding="utf-8")
    if text.count(old) != 1:
        raise SystemExit(f"{path.name} has {old!r} {text.count(old)} times")
    path.write_text(text.replace(old, new), encoding="utf-8")


def copy_tree(tree):
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, tree / part)
        else:
            shutil.copy(ROOT / part, tree / part)
    # A backend knows nothing above src/core: it must link without the rest, which is not built for it.
    sources = (tree / "src/meson.build").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in sources if not line.strip().startswith(ABOVE_A_BACKEND)]
    (tree / "src/meson.build").write_text("".join(kept), encoding="utf-8")


def add_toy(tree):
    (tree / "backends/toy").mkdir()
    for name in ("toy_store.cpp", "README.md"):
        shutil.copy(TOY / name, tree / "backends/toy" / name)
    shutil.copy(TOY / "toy_store_test.cpp", tree / "tests/backends")
    for file, before, added in STEPS:
        replace_once(tree / file, before, added + before)


def run(words, folder):
    return subprocess.run(words, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def must(words, folder):
    done = run(words, folder)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, words))} failed:\n{done.stdout[-3000:]}")


def contract(tree):
    must(["ninja", "-C", "build", PROGRAM], tree)
    return run([tree / "build" / PROGRAM], tree)


def main():
    ninja, meson = shutil.which("ninja"), shutil.which("meson")
    if not ninja or not meson:
        print("skipped: meson or ninja is not on the path")
        return 77
    with tempfile.TemporaryDirectory(prefix="tokenvault-toy.") as folder:
        tree = Path(folder).resolve() / "tree"
        tree.mkdir()
        copy_tree(tree)
        add_toy(tree)
        must([sys.executable, "tests/layering.py"], tree)
        must([meson, "setup", "build", "--buildtype=plain", "-Dcli=disabled", "-Dsqlite=disabled", "-Dwerror=true"], tree)
        done = contract(tree)
        if done.returncode != 0:
            raise SystemExit(f"the toy does not keep the contract:\n{done.stdout[-3000:]}")
        for sentence, whole, broken in BREAKS:
            source = tree / "backends/toy/toy_store.cpp"
            replace_once(source, whole, broken)
            done = contract(tree)
            shutil.copy(TOY / "toy_store.cpp", source)
            if done.returncode == 0 or sentence + ": " not in done.stdout:
                raise SystemExit(f"{sentence} is broken, and the contract does not say so:\n{done.stdout[-3000:]}")
    times = os.times()
    print(f"the toy keeps the contract, {len(BREAKS)} breaks noticed; {times.children_user + times.children_system:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
