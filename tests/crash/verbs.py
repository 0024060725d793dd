"""The verbs that change something, each with what it is broken on, and what may be left of a vault afterwards."""
import collections
import re

from calls import KILLED
from harness import MARKER
from vaults import FIRST, ISSUED, SECOND, TURNED, digest

IN_DOUBT = b'it may have happened'
# `base`: how the vault stands before; `watch`: the vault that it changes, where that is another; `again`: how it may
# end where it is given once more after it came to nothing; `provider`: whether it talks to one; `parts`: whether what
# it adds lies there in parts before it counts, which the next such verb clears away.
Verb = collections.namedtuple('Verb', 'name words stdin base watch again provider parts')


def verb(name, *words, stdin=None, base='plain', watch=None, again=(0,), provider=False, parts=False):
    return Verb(name, words, stdin, base, watch, again, provider, parts)


def ordinary(place):
    """All but the rotating ones."""
    table = ''.join(f'b/{i}\t{FIRST}\n' for i in range(30)) + f'a/one\t{SECOND}\n'
    new_key, new_vault = place.path('new.key'), place.new
    backup, copy = place.path('backup.tv'), place.path('copy.tv')
    return [
        verb('init', '--vault', new_vault, 'init', '--key-file', place.key, watch=new_vault, again=(0, 15)),
        verb('put', 'put', 'a/new', '--stdin', stdin=FIRST.encode()),
        verb('rollback', 'rollback', 'a/two', '--to', '1'),
        verb('rm', 'rm', 'a/one'),
        verb('undelete', 'undelete', 'a/removed'),
        verb('destroy', 'destroy', 'a/two'),
        verb('policy', 'policy', 'a/one', '--rotate-after', '90d', '--provider', 'human'),
        verb('import', 'import', '--format', 'tsv', '--stdin', '--replace', stdin=table.encode()),
        verb('key add', 'key', 'add', '--new-key-file', new_key, again=(0, 15)),
        verb('key remove', 'key', 'remove', place.slot),
        verb('key remove --rotate', 'key', 'remove', place.slot, '--rotate'),
        verb('key rotate', 'key', 'rotate', '--keep-key-file', place.second),
        verb('restore', 'restore', backup, '--replace'),
        verb('restore anew', '--vault', new_vault, 'restore', backup, watch=new_vault, again=(0, 15, 16)),
        # A place that was filled before the answer came is found full.
        verb('migrate to file', 'migrate', '--from', place.uri, '--to', f'file:{copy}', watch=f'file:{copy}',
             again=(0, 15, 16)),
        verb('migrate on', 'migrate', '--from', place.uri, '--to', new_vault, watch=new_vault,
             again=(0, 15, 16)),
        verb('backup', 'backup', copy, watch=f'file:{copy}', again=(0, 15)),
    ]


def rotating():
    steps = [verb(f'rotate {step}', 'rotate', step, TURNED, base=base, provider=True)
             for base, step in (('policy', 'start'), ('start', 'stage'), ('stage', 'verify'), ('verify', 'promote'),
                                ('stage', 'abort'), ('start', 'resume'), ('stage', 'resume'))]
    return steps + [
        verb('rotate', 'rotate', TURNED, base='policy', provider=True),
        verb('rotate retire', 'rotate', 'retire', '--theirs', TURNED, base='promote', provider=True),
        verb('rotate waive', 'rotate', 'waive', TURNED, '--version', '1', base='promote', provider=True),
    ]


def in_parts(place):
    """More than etcd takes at once, so that it goes there in parts, and counts with the last."""
    table = ''.join(f'c/{i}\t{FIRST}\n' for i in range(200)).encode()
    each = verb('import in parts', 'import', '--format', 'tsv', '--stdin', stdin=table, parts=True)
    return [each] if place.uri.startswith('etcd:') else []


def all_verbs(place):
    return ordinary(place) + in_parts(place) + rotating()


def left_by(place, each, done, before, after):
    """What is wrong with what `done` left of the vault, or nothing."""
    if MARKER.encode() in done.complaint + (b'' if each.provider else done.said):
        return 'it tells a token'
    seen = place.look(each.watch)
    if each.parts:
        seen = re.sub(r'orphans \d+$', 'orphans 0', seen)
    if each.provider and seen not in (before, after):
        return half_way(place, done, seen, after)
    if seen not in allowed(done, before, after):
        return f'left {seen!r}'
    if (each.watch and (there := place.look()) != place.state_of(each.base)):
        return f'the vault that it was to read is {there!r}'
    if not seen.startswith('closed') and (wrong := place.verified(each.watch)):
        return wrong
    return rotates_on(place) if each.provider else goes_on(place, each, seen, after)


def allowed(done, before, after):
    if done.code == 0:
        return {after}
    # The second is done, and that could not be told.
    open_ended = any(words in done.complaint for words in (IN_DOUBT, b'cannot write to standard output'))
    return {before, after} if done.code in KILLED or open_ended else {before}


def goes_on(place, each, seen, after):
    """Where it came to nothing the same again, else one more change."""
    if seen == after:
        told = place.look(each.watch, 'on')
        return None if told.endswith('\nwent on') else f'cannot go on: {told}'
    done = place.command(*each.words, stdin=each.stdin)
    if done.returncode not in each.again:
        return f'once more: {done.returncode} {done.stderr.decode()[-200:]}'
    seen = place.look(each.watch)
    return None if seen == after else f'once more, and it left {seen!r}'


def half_way(place, done, seen, after):
    """A rotation is more than one change, and each is whole: it may stand between two, or have come to its end by more
    of them."""
    if done.code == 0 and without_generation(seen) != without_generation(after):
        return f'acknowledged, and left {seen!r}'
    if 'faults 0' not in seen:
        return f'left {seen!r}'
    return place.verified(None) or rotates_on(place)


def without_generation(state):
    return re.sub(r'generation \d+', '', state)


def rotates_on(place):
    """What is served is good, going on brings the rotation to its end, and no token that the provider takes is lost."""
    if place.command('get', TURNED).stdout.decode() not in place.service.live:
        return 'what is served is dead'
    for words in (('rotate', 'resume', TURNED), ('rotate', TURNED)):
        done = place.command(*words)
        if done.returncode != 0:
            return f'{words}: {done.returncode} {done.stderr.decode()[-300:]}'
        seen, served, live = place.look(), place.command('get', TURNED).stdout.decode(), place.service.live
        if served == live[-1] != ISSUED:
            break
    lost = [token for token in live if digest(token) not in seen]
    if lost:
        return f'{len(lost)} tokens of the provider are in no version: {seen!r}'
    return None if served == live[-1] != ISSUED else f'serves an old token: {seen!r}'
