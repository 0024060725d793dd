"""A vault with some of everything, in folders that can be put back as they were, and all the secrets in it."""
import json
import os
import random
import shutil
import string
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
sys.path.insert(0, str(HERE.parent / "vectors"))
import reader  # noqa: E402
import watched  # noqa: E402

ALPHABET = (string.ascii_letters + string.digits).encode()
CHEAP = ("--kdf-memory", "64", "--kdf-passes", "3")
randomness = random.SystemRandom()
PROVIDER = """#!/bin/sh
case $1 in
describe) echo '{"tvp":1,"issue":"once","old":"kept","revoke":true}' ;;
issue) cat FOLDER/made >&4; exec 4>&-; echo '{"id":"id-1","owner":"acme","message":"made one"}' ;;
probe) echo '{"state":"valid","owner":"acme","message":"asked"}' ;;
revoke) echo '{"state":"gone"}' ;;
esac
"""


def text(size):
    return bytes(randomness.choice(ALPHABET) for _ in range(size))


def keys_in(place, key, before=""):
    """Every key by which a vault is sealed: masters of all epochs, what follows from each, the tree's, the slots'."""
    data = Path(place).read_bytes()
    root, blobs = reader.load(data, place)
    vault = reader.Vault(root, blobs, key)
    keys = {f"{before}tree": vault.tree_key}
    for epoch, master in vault.keys.items():
        keys[f"{before}master{epoch}"] = master
        for use in ("top", "node", "record", "history"):
            keys[f"{before}{use}{epoch}"] = reader.H(f"tv1 {use}", master, vault.id)
    for slot in vault.root.slots:
        if slot.kind != reader.RAW or key[0] != reader.RAW:
            continue
        params = slot.body[:-104]
        context = reader.MAGIC + vault.id + slot.id + bytes([slot.kind]) + vault.root.epoch.to_bytes(4, "little") + params
        keys[f"{before}wrap-{slot.id.hex()[:4]}"] = reader.H("tv1 slot", key[1], context, 64)[:32]
    return keys


def keys_if_any(place, secret, before, is_passphrase=False):
    """The same for a vault that may not be there, or not be opened by this."""
    kind = reader.PASSPHRASE if is_passphrase else reader.RAW
    try:
        return keys_in(place, (kind, secret), before)
    except (FileNotFoundError, reader.Bad):
        return {}


def passphrase_key(place, passphrase):
    """What the passphrase's slot is wrapped by."""
    root, _ = reader.load(Path(place).read_bytes(), place)
    slot = next(slot for slot in reader.parse_root(root).slots if slot.kind == reader.PASSPHRASE)
    return reader.slot_key(reader.PASSPHRASE, passphrase, slot.body[:-104])


def borrowed(program, folder):
    """A copy where any user may run it, and the library beside it where it is not in the program itself."""
    program = Path(program).resolve()
    folder.mkdir(mode=0o755)
    libraries = [path for parent in program.parents[:3] for path in parent.glob("libtokenvault*.so*")]
    for path in [program, *(path for path in libraries if path.is_file())]:
        shutil.copy(path, folder)
    return str(folder / program.name)


class World:
    """`base/home` is all that the command may write to and is searched; `base/given` is what it is given."""

    def __init__(self, command, aged_put, scheme):
        self.aged_put, self.scheme = os.path.abspath(aged_put), scheme
        self.folder = tempfile.TemporaryDirectory(prefix="tokenvault-memory-")
        self.base = Path(self.folder.name)
        self.base.chmod(0o755)
        self.command = borrowed(command, self.base / "bin")
        self.home, self.given, self.template = (self.base / name for name in ("home", "given", "template"))
        self.given.mkdir(mode=0o700)
        for name in ("tmp", "data", "state", "config", "cache", "run"):
            (self.home / name).mkdir(mode=0o700, parents=True)
        self.place = self.home / "data/v"
        self.variables = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "HOME": str(self.home),
                          "TMPDIR": f"{self.home}/tmp", "TOKENVAULT": f"{scheme}:{self.place}",
                          "TOKENVAULT_KEY_FILE": str(self.given / "a.key")}
        self.variables |= {f"XDG_{kind.upper()}_HOME": f"{self.home}/{kind}" for kind in ("data", "state", "config", "cache")}
        self.variables["XDG_RUNTIME_DIR"] = f"{self.home}/run"
        if len(os.listdir(self.base / "bin")) > 1:
            self.variables["LD_LIBRARY_PATH"] = str(self.base / "bin")
        names = ("one", "old", "two", "gone", "aws", "admin", "rot", "man", "new", "made", "in1", "in2")
        self.tokens = {name: text(48) for name in names}
        self.keys = {"a.key": randomness.randbytes(32), "b.key": randomness.randbytes(32), "passphrase": text(40),
                     "other-passphrase": text(40)}
        self.fill()

    def file(self, name, content, mode=0o600):
        path = self.given / name
        path.write_bytes(content)
        path.chmod(mode)
        return str(path)

    def run(self, *words, stdin=b"", fds=()):
        done = subprocess.run([self.command, *words], input=stdin, env=self.variables, cwd=self.home / "tmp",
                              capture_output=True, pass_fds=fds)
        if done.returncode != 0:
            raise SystemExit(f"FAIL the world: {words} ended {done.returncode}: {done.stderr.decode()}")
        return done.stdout

    def put(self, name, token, *words):
        self.run("put", name, "--stdin", *words, stdin=token)

    def fill(self):
        for name in ("a.key", "b.key"):
            self.file(name, self.keys[name])
        passphrase = self.file("passphrase", self.keys["passphrase"] + b"\n")
        self.file("made", self.tokens["made"])
        self.file("new", self.tokens["new"])
        self.file("in.env", b"".join(b"%s=%s\n" % (name.encode().upper(), self.tokens[name]) for name in ("in1", "in2")))
        self.file("in.json", b'{"tokens":[{"name":"in/one","value":"%s"},{"name":"in/two","value":"%s"}]}'
                  % (self.tokens["in1"], self.tokens["in2"]))
        provider = self.file("provider", PROVIDER.replace("FOLDER", str(self.given)).encode(), 0o700)
        self.run("init", "--quiet")
        with open(passphrase, "rb") as file:
            self.run("key", "add", "--new-passphrase-fd", str(file.fileno()), *CHEAP, fds=(file.fileno(),))
        self.run("key", "add", "--new-identity-file", str(self.given / "me.id"))
        self.run("key", "add", "--recovery", "--recovery-file", str(self.given / "code"))
        for name, token in (("a/one", "one"), ("a/two", "old"), ("a/two", "two"), ("a/gone", "gone"), ("a/admin", "admin"),
                            ("a/man", "man")):
            self.put(name, self.tokens[token])
        subprocess.run([self.aged_put, self.variables["TOKENVAULT"], self.given / "a.key", "a/rot", "86400"],
                       input=self.tokens["rot"], check=True)
        self.put("a/aws", b'{"AccessKeyId":"x","SecretAccessKey":"' + self.tokens["aws"] + b'"}')
        self.run("rm", "a/gone")
        self.run("policy", "a/rot", "--provider", f"exec:{provider}", "--secret", "admin=a/admin", "--rotate-after", "2h",
                 "--grace", "1h")
        self.run("policy", "a/man", "--provider", "human", "--set", "old=kept")
        (self.home / "config/tokenvault").mkdir(mode=0o700, exist_ok=True)
        (self.home / "config/tokenvault/helpers").write_text("docker h a/one\n")
        (self.home / "config/tokenvault/helpers").chmod(0o600)
        self.learn()
        self.home.rename(self.template)
        self.renew()

    def learn(self):
        """What nobody but the vault made."""
        self.keys |= keys_in(self.place, (reader.RAW, self.keys["a.key"]))
        self.keys["passphrase-key"] = passphrase_key(self.place, self.keys["passphrase"])
        self.keys |= key_texts(self.given)
        self.slots = {slot["kind"]: slot["id"] for slot in json.loads(self.run("status", "--json"))["slots"]}

    def renew(self):
        """The home as it was filled."""
        shutil.rmtree(self.home, ignore_errors=True)
        shutil.copytree(self.template, self.home, symlinks=True)
        watched.give(self.base, None)


def key_texts(folder):
    """What is in the files that the command makes of a private key or a recovery code, as text and as bytes."""
    keys = {}
    for path in sorted(Path(folder).iterdir()):
        if "code" in path.name:
            code = path.read_bytes().split(b"\n")
            code = next(line.strip() for line in code if line.count(b"-") == 13)
            keys |= {f"{path.name}-text": code, f"{path.name}-bare": code.replace(b"-", b""), path.name: reader.code_key(code)}
        elif path.name.endswith(".id"):
            keys[path.name] = path.read_bytes()
    return keys
