"""The Python module: what each of its calls promises."""
import copy
import dataclasses
import datetime
import pickle
import sys
import threading

from client_home import KEY, OTHER, VALUE, memory_vault, raised, same
from harness import KEY_B, MARKER, run_all, tests_of

import tokenvault
from tokenvault import Verdict

UTC = datetime.timezone.utc


def test_a_value_goes_in_and_comes_out(_):
    with memory_vault() as vault:
        assert vault.put('acme/api', VALUE) == 1
        assert vault.put('acme/api', bytearray(OTHER)) == 2
        with vault.get('acme/api') as secret:
            assert (len(secret), secret.version) == (len(OTHER), 2)
            same(secret.reveal(), OTHER)
            same(bytes(secret), OTHER)
        same(vault.read('acme/api'), OTHER)
        same(vault.read('acme/api', previous=True), VALUE)
        same(vault.get('acme/api', version=1).reveal(), VALUE)
        same(vault.read('acme/api', version=1), VALUE)
        raised(tokenvault.InvalidArgument, vault.get, 'acme/api', version=1, previous=True)
        raised(tokenvault.NotFound, vault.get, 'acme/api', version=7)
        assert issubclass(tokenvault.NotFound, LookupError)


def test_whatever_holds_bytes_can_be_put(_):
    vault = memory_vault(a=VALUE)
    middle = memoryview(b'--' + VALUE + b'--')[2:-2]
    every_second = memoryview(bytes(octet for octet in VALUE for _ in range(2)))[::2]
    for value in (VALUE, bytearray(VALUE), memoryview(VALUE), memoryview(bytearray(VALUE)), middle, every_second,
                  vault.get('a')):
        vault.put('b', value)
        same(vault.read('b'), VALUE)
        vault.erase('b')
    kept = bytearray(VALUE)
    vault.put('b', kept)
    kept.extend(b'not lent any more')
    vault.put('long', b'x' * 32768)
    assert len(vault.read('long')) == 32768


def test_a_secret_shows_nothing(_):
    secret = memory_vault(a=VALUE).get('a')
    for text in (repr(secret), str(secret), f'{secret}', f'{secret:>20}', '%s' % secret, repr([secret])):
        assert '<secret>' in text and MARKER not in text
    for attempt in (copy.copy, copy.deepcopy, pickle.dumps, iter):
        raised(TypeError, attempt, secret)
    twin = memory_vault(a=VALUE).get('a')
    assert secret != twin and secret == secret and secret.same_as(twin)
    assert not secret.same_as(memory_vault(a=OTHER).get('a'))
    assert len({secret, twin}) == 2


def test_a_view_is_the_memory_itself(_):
    secret = memory_vault(a=VALUE).get('a')
    with secret.view() as view:
        assert view.readonly and view.format == 'B'
        same(bytes(view), VALUE)
        raised(BufferError, secret.wipe)
        piece = view[2:4]
    raised(ValueError, bytes, view)
    raised(BufferError, secret.wipe)
    same(bytes(piece), VALUE[2:4])
    secret.close()
    same(bytes(piece), VALUE[2:4])
    del piece
    secret.wipe()
    for call in (secret.reveal, secret.__len__, lambda: secret.version, lambda: secret.view().__enter__()):
        raised(tokenvault.InvalidArgument, call)


def test_what_can_be_wiped_is(_):
    value = memory_vault(a=VALUE).read('a')
    tokenvault.wipe(value)
    assert value == bytes(len(VALUE))
    raised(TypeError, tokenvault.wipe, VALUE)


def test_tokens_are_described(_):
    vault = memory_vault(b=VALUE)
    expires = datetime.datetime(2100, 1, 2, 3, 4, 5, tzinfo=datetime.timezone(datetime.timedelta(hours=2)))
    vault.put('a/1', VALUE)
    vault.put('a/1', OTHER, expires=expires, label="the org's own")
    assert [token.name for token in vault.list()] == ['a/1', 'b']
    assert [token.name for token in vault.list('a/')] == ['a/1']
    assert vault.list('nothing') == []
    info = vault.info('a/1')
    assert (info.version, info.label, info.suspect_version) == (2, "the org's own", 0)
    assert info.expires == expires and info.expires.tzinfo == UTC and info.created.tzinfo == UTC
    assert [(version.number, version.stage) for version in info.versions] == [
        (1, tokenvault.Stage.PREVIOUS), (2, tokenvault.Stage.CURRENT)]
    assert MARKER not in repr(info) and hash(info)
    raised(dataclasses.FrozenInstanceError, setattr, info, 'version', 3)
    described = vault.inspect()
    assert (described.tokens, described.writable, described.encrypted_at_rest) == (2, True, True)
    assert len(described.vault_id) == 32
    vault.erase('b')
    raised(tokenvault.NotFound, vault.info, 'b')
    vault.undelete('b')
    assert vault.info('b').version == 1


def test_a_put_takes_conditions(_):
    vault = memory_vault()
    vault.put('a', VALUE, if_version=0, label='l')
    raised(tokenvault.Conflict, vault.put, 'a', VALUE, if_version=0)
    assert vault.put('a', VALUE, if_version=1) == 2 and vault.info('a').label == 'l'
    past = datetime.datetime(2000, 1, 1, tzinfo=UTC)
    vault.put('a', VALUE, expires=past)
    raised(tokenvault.Expired, vault.get, 'a')
    raised(tokenvault.Expired, vault.read, 'a')
    same(vault.read('a', expired_ok=True), VALUE)
    raised(tokenvault.InvalidArgument, vault.put, 'a', VALUE, expires=datetime.datetime(2100, 1, 1))
    raised(tokenvault.InvalidArgument, vault.put, 'a', VALUE, expires=datetime.datetime(1900, 1, 1, tzinfo=UTC))
    assert vault.info('a').version == 3


def test_a_rejected_token_is_tried_once_more(_):
    vault = memory_vault(a=VALUE)
    vault.put('a', OTHER)
    tried = []

    def rejected(value, version):
        tried.append((bytes(value), version))
        return False

    assert vault.with_token('a', lambda value, _: bytes(value) == VALUE) is Verdict.OK
    assert vault.with_token('a', lambda *_: Verdict.FAILED) is Verdict.FAILED
    assert vault.info('a').suspect_version == 0
    with vault.lease('a') as lease:
        assert lease.use(rejected) is Verdict.REJECTED
    assert tried == [(OTHER, 2), (VALUE, 1)] and vault.info('a').suspect_version == 2


def test_a_version_is_marked_suspect(_):
    vault = memory_vault(a=VALUE)
    vault.mark_suspect('a', 1)
    assert vault.info('a').suspect_version == 1
    vault.put('a', OTHER)
    vault.mark_suspect('a', 1)
    assert vault.info('a').suspect_version == 0
    raised(tokenvault.NotFound, vault.mark_suspect, 'b', 1)
    raised(tokenvault.InvalidArgument, vault.mark_suspect, 'a', -1)


def test_what_a_use_raises_comes_out(_):
    vault = memory_vault(a=VALUE)
    kept = []

    def broken(value, _):
        kept.append(value[1:])
        raise KeyError('mine')

    raised(KeyError, vault.with_token, 'a', broken)
    assert bytes(kept[0]) == bytes(len(VALUE) - 1), 'what outlives the call was not wiped'
    raised(SystemExit, vault.with_token, 'a', lambda *_: sys.exit('mine'))
    for nonsense in (None, 1, 'ok'):
        raised(TypeError, vault.with_token, 'a', lambda *_, said=nonsense: said)
    assert vault.info('a').suspect_version == 0
    assert vault.with_token('a', lambda *_: vault.put('a', OTHER) == 2) is Verdict.OK


def test_a_lease_follows(_):
    vault = memory_vault()
    lease = vault.lease('a')
    raised(tokenvault.NotFound, lease.get)
    vault.put('a', VALUE)
    assert lease.wait(1, 0) == 1 and lease.wait(7, 60) == 1
    ready = threading.Event()

    def putting():
        ready.wait()
        vault.put('a', OTHER)

    other = threading.Thread(target=putting)
    other.start()
    ready.set()
    assert lease.wait(1, 60) == 2
    other.join()
    vault.close()
    same(lease.get().reveal(), OTHER)


def test_vaults_on_disk_and_their_keys(home):
    place, key = home.path / 'v.db', home.path / 'v.key'
    raised(tokenvault.NoVault, tokenvault.open, place, key=KEY, anchors='')
    tokenvault.make_key_file(key)
    raised(tokenvault.AlreadyExists, tokenvault.make_key_file, key)
    tokenvault.create(place, key_file=key).put('a', VALUE)
    raised(tokenvault.AlreadyExists, tokenvault.create, place, key_file=key)
    with tokenvault.open(str(place), key_file=str(key), anchors='', timeout=1.5) as vault:
        same(vault.read('a'), VALUE)
        assert vault.inspect().durable
    raised(tokenvault.WrongKey, tokenvault.open, place, key=bytearray(KEY_B), anchors='')
    raised(tokenvault.InvalidArgument, tokenvault.open, place, key=KEY, passphrase=b'two', anchors='')
    tokenvault.create(f'file:{home.path}/p.tv', passphrase=memoryview(VALUE))
    tokenvault.open(f'file:{home.path}/p.tv', passphrase=VALUE, anchors='').close()


def test_errors_have_the_names_of_the_library(_):
    from tokenvault._errors import _BY_CODE
    from tokenvault._library import library
    for code in range(1, 40):
        known = _BY_CODE.get(code)
        assert library.tv_status_name(code).decode() == (known.kind if known else 'unknown'), code
    error = raised(tokenvault.NotFound, memory_vault().get, 'absent')
    assert (error.code, error.kind, error.os_error, error.retryable) == (4, 'not_found', 0, False)
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is tokenvault.NotFound and str(again) == str(error)


def test_the_process_says_what_it_has(_):
    memory_vault(a=VALUE)
    assert tokenvault.protection().backing is not tokenvault.Backing.NONE
    assert tokenvault.version().count('.') == 2


if __name__ == '__main__':
    run_all(tests_of(globals()))
