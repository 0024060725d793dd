"""Every verb of the command in its ways, and for each where which secret may be.

A word that begins with @ is a file that is given, with % one below the home, and `slot:KIND` is that slot's id.
"""
import collections

# `holds`: tokens that may be in secret memory. `shows`: what may be on stdout. `hands`: where secret memory is written
# to. `before`: what is done first, unwatched. `draws`: it makes keys, which are known only once it has made them.
Case = collections.namedtuple("Case", "words stdin holds shows hands before draws ends quiet")


def case(*words, stdin=None, holds="", shows="", hands="", before=(), draws=False, ends=0, quiet=False):
    return Case(words, stdin, set(holds.split()), set(shows.split()), set(hands.split()), before, draws, ends, quiet)


STDOUT = "stdout"
ROT, MAN = "a/rot", "a/man"
STARTED = (("rotate", "start", ROT),)
STAGED = STARTED + (("rotate", "stage", ROT),)
VERIFIED = STAGED + (("rotate", "verify", ROT),)
OVER = (("rotate", ROT),)
ALL = "one old two gone aws admin rot man"
CURRENT = "one two aws admin rot man"
PIPE = "pipe"
GIT = b"protocol=https\nhost=h\n"

READING = [
    case("status"), case("status", "--json"), case("list"), case("show", "a/two"), case("history", "a/two"),
    case("expiring", "--within", "14d"), case("policy", ROT), case("key", "list"), case("rotate", "status"),
    case("completion", "bash", quiet=True), case("key", "verify", "--all", "--try-identity-file", "@me.id",
                                                 "--try-recovery-file", "@code", "--try-key-file", "@a.key", ends=12),
    case("doctor", "--names", ends=None), case("verify", holds=ALL),
    case("rotate", "due", "--dry-run", ends=17), case("rotate", ROT, "--dry-run"),
]
OPENING = [
    case("list", "--passphrase-file", "@passphrase"), case("list", "--passphrase-command", "cat @passphrase"),
    case("list", "--identity-file", "@me.id"), case("list", "--unlock-recovery-file", "@code"),
    case("list", "--key-file", "@b.key", ends=12), case("list", "--passphrase-file", "@other", ends=12),
    case("get", "a/one", "--passphrase-file", "@passphrase", holds="one", shows="one", hands=STDOUT),
]
TAKING = [
    case("get", "a/one", holds="one", shows="one", hands=STDOUT),
    case("get", "a/one", "--json", "--reveal", holds="one", shows="one", hands=STDOUT),
    case("get", "a/two", "--previous", holds="old", shows="old", hands=STDOUT),
    case("get", "a/none", ends=14),
    case("export", "--format", "json", "--reveal", "--prefix", "a/", holds=CURRENT, shows=CURRENT, hands=STDOUT),
    case("export", "--format", "sh", "--reveal", "--env", "T=a/one", holds="one", shows="one", hands=STDOUT),
    case("export", "--format", "dotenv", "--reveal", "--env", "T=a/one", "--output", "@out", holds="one", hands="out"),
    case("export", "--format", "tsv", "--reveal", "--env", "T=a/one", holds="one", shows="one", hands=STDOUT),
    case("export", "--format", "vault", "--output", "%data/copy", holds=ALL),
    case("run", "--env", "T=a/one", "--", "/bin/true", holds="one"),
    case("run", "--file", "T=a/one", "--fd", "5=a/two", "--", "/bin/true", holds="one two", hands="memfd pipe"),
    case("helper", "git", "--name", "a/one", "get", stdin=GIT, holds="one", shows="one", hands=STDOUT),
    case("helper", "docker", "get", stdin=b"h", holds="one", shows="one", hands=STDOUT),
    case("helper", "aws", "--name", "a/aws", holds="aws", shows="aws", hands=STDOUT),
    case("helper", "kubectl", "--name", "a/one", holds="one", shows="one", hands=STDOUT),
    case("helper", "curl", "--name", "a/one", holds="one", shows="one", hands=STDOUT),
]
CHANGING = [
    case("put", "b/new", "--stdin", stdin="new", holds="new"), case("put", "a/one", "--from-file", "@new", holds="new"),
    case("put", "a/one", "--if-version", "7", "--stdin", stdin="new", holds="new", ends=15),
    case("put", "..", "--stdin", stdin="new", holds="new", ends=2),
    case("rollback", "a/two", "--to", "1", holds="old"), case("rm", "a/one"), case("undelete", "a/gone"),
    case("destroy", "a/two"), case("import", "--format", "dotenv", "--from-file", "@in.env", holds="in1 in2"),
    case("import", "--format", "json", "--stdin", stdin="json", holds="in1 in2"),
    case("policy", MAN, "--rotate-after", "90d"), case("policy", ROT, "--none"),
]
ROTATING = [
    case("rotate", ROT, holds="rot admin made", hands=PIPE),
    case("rotate", "due", holds="rot admin made", hands=PIPE, ends=None),
    case("rotate", "start", ROT, holds="rot admin", hands=PIPE),
    case("rotate", "stage", ROT, before=STARTED, holds="rot admin made", hands=PIPE),
    case("rotate", "verify", ROT, before=STAGED, holds="rot admin made", hands=PIPE),
    case("rotate", "promote", ROT, before=VERIFIED, holds="rot admin made", hands=PIPE),
    case("rotate", "retire", ROT, before=OVER, holds="rot admin made", hands=PIPE),
    case("rotate", "resume", ROT, before=STARTED, holds="rot admin made", hands=PIPE),
    case("rotate", "abort", ROT, "--force", before=STAGED, holds="rot admin made", hands=PIPE, ends=None),
    case("rotate", "waive", ROT, "--version", "1", before=OVER, holds="rot admin made", ends=None),
    case("rotate", "stage", MAN, "--stdin", stdin="new", before=(("rotate", "start", MAN),), holds="man new"),
    case("rotate", MAN, "--unverified", "--from-file", "@new", holds="man new", ends=None),
    case("probe", ROT, holds="rot admin", hands=PIPE),
]
MOVING = [
    case("init", "--vault", "sqlite:%data/w", "--key-file", "@b.key", draws=True),
    case("init", "--vault", "file:%data/w", "--key-file", "@b.key", "--recovery-file", "@code2", draws=True, hands="code2"),
    case("init", "--vault", "file:%data/w", "--passphrase-file", "@passphrase", "--kdf-memory", "64", draws=True),
    case("key", "add", "--new-key-file", "@c.key", draws=True, hands="c.key"),
    case("key", "add", "--new-identity-file", "@you.id", draws=True, hands="you.id"),
    case("key", "add", "--recovery", "--recovery-file", "@code2", draws=True, hands="code2"),
    case("key", "remove", "slot:recipient"),
    case("key", "remove", "slot:passphrase", "--rotate", draws=True),
    case("key", "rotate", "--drop", "slot:passphrase", draws=True),
    case("backup", "%data/backup", holds=ALL), case("backup", "env:V", holds=ALL),
    case("backup", "verify", "%data/b", before=(("backup", "%data/b"),), holds=ALL),
    case("restore", "%data/b", "--replace", before=(("backup", "%data/b"), ("rm", "a/one")), holds=ALL, draws=True),
    case("migrate", "--from", "sqlite:%data/v", "--to", "file:%data/w", holds=ALL),
    case("unlock", "--for", "1m"), case("lock", quiet=True),
]
ALL_CASES = READING + OPENING + TAKING + CHANGING + ROTATING + MOVING


def verbs_of(cases):
    """The verbs that the cases run, of one word or two."""
    return {" ".join(each.words[:2]) for each in cases} | {each.words[0] for each in cases}
