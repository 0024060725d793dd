"""Rotation from Python, at a provider that is a Python object."""
import contextlib
import datetime
import threading

from client_home import OTHER, VALUE, memory_vault, raised, same
from harness import MARKER, run_all, tests_of

import tokenvault
from tokenvault import Answer, IssueKind, OldToken, Phase, Provider, Reply, Step, TokenState


class Service(Provider):
    """Makes tokens, and may be broken."""

    def __init__(self):
        self.issued, self.revoked, self.requests, self.error, self.kept = 0, 0, [], None, None

    def token(self, number):
        return f'{MARKER}-token-{number}'.encode()

    def issue(self, request, keep):
        self.requests.append((request.name, len(request.token), request.timeout > datetime.timedelta()))
        self.kept = keep
        if self.error:
            raise self.error
        self.issued += 1
        keep(bytearray(self.token(self.issued)))
        return Answer(Reply.DONE, id=f'id-{self.issued}')

    def probe(self, request):
        assert MARKER not in repr(request)
        known = [self.token(number) for number in range(self.issued + 1)] + [VALUE]
        return TokenState.VALID if bytes(request.token) in known else TokenState.INVALID

    def revoke(self, request):
        self.revoked += 1
        return Reply.DONE


def test_a_token_goes_from_old_to_new(_):
    vault, service = memory_vault(a=VALUE), Service()
    rotation = vault.rotate('a', service)
    assert (rotation.old_version, rotation.new_version, len(rotation.id)) == (1, 2, 22)
    same(vault.read('a'), service.token(1))
    assert service.requests == [('a', len(VALUE), True)]
    vault.rotate('a', service)
    same(vault.read('a'), service.token(2))
    status = vault.rotate('a', step=Step.STATUS)
    assert status.new_version == 3 and status.started.tzinfo and vault.info('a').phase == status.phase


class Late:
    """Bytes that are lent when the call to issue() is over."""

    def __init__(self):
        self.asked, self.over = threading.Event(), threading.Event()

    @contextlib.contextmanager
    def _lend(self):
        self.asked.set()
        assert self.over.wait(60)
        yield OTHER, len(OTHER)


def test_another_thread_keeps_too_late(_):
    vault, service, late, said = memory_vault(a=VALUE), Service(), Late(), []
    issue = service.issue

    def keep_late(keep):
        try:
            said.append(keep(late))
        except tokenvault.InvalidArgument as error:
            said.append(error)

    def issue_beside(request, keep):
        service.thread = threading.Thread(target=keep_late, args=(keep,))
        service.thread.start()
        assert late.asked.wait(60)
        return issue(request, keep)

    service.issue = issue_beside
    vault.rotate('a', service)
    late.over.set()
    service.thread.join()
    assert isinstance(said[0], tokenvault.InvalidArgument), said
    same(vault.read('a'), service.token(1))


def test_step_by_step(_):
    vault, service = memory_vault(a=VALUE), Service()
    assert vault.rotate('a', service, step=Step.STATUS).phase is Phase.IDLE
    assert vault.rotate('a', service, step=Step.START).phase is Phase.INTENT
    raised(tokenvault.NeedsHuman, vault.put, 'a', OTHER)
    assert vault.rotate('a', service, step=Step.ISSUE).phase is Phase.STAGED
    same(vault.read('a'), VALUE)
    assert vault.rotate('a', service, step=Step.VERIFY).phase is Phase.VERIFIED
    vault.rotate('a', service, step=Step.PROMOTE)
    assert vault.rotate('a', service, step=Step.RETIRE, theirs=True).phase is Phase.DONE and service.revoked == 1


def test_what_a_provider_raises_comes_out_and_counts_as_doubt(_):
    vault, service = memory_vault(a=VALUE), Service()
    service.error = KeyError('mine')
    assert raised(KeyError, vault.rotate, 'a', service) is service.error
    assert vault.rotate('a', step=Step.STATUS).phase is Phase.UNCERTAIN
    same(vault.read('a'), VALUE)
    raised(tokenvault.InvalidArgument, service.kept, OTHER)


def test_a_refusal_is_told(_):
    vault, service = memory_vault(a=VALUE), Service()
    service.issue = lambda request, keep: Answer(Reply.REFUSED, message='not today')
    try:
        told = vault.rotate('a', service)
    except tokenvault.Error:
        told = vault.rotate('a', step=Step.STATUS)
    assert told.phase is not Phase.UNCERTAIN and 'not today' in told.note
    same(vault.read('a'), VALUE)


def test_an_answer_that_is_none_is_doubt(_):
    for nonsense in (None, 'done', Answer(Reply.DONE, id='\0'), Answer(Reply.DONE, retry_after=-1), Answer(7),
                     Answer(Reply.DONE, expires=datetime.datetime(2100, 1, 1))):
        vault, service = memory_vault(a=VALUE), Service()
        service.issue = lambda request, keep, said=nonsense: said
        try:
            vault.rotate('a', service)
            raise AssertionError('nonsense was taken')
        except (TypeError, ValueError):
            pass
        same(vault.read('a'), VALUE)
        assert vault.rotate('a', step=Step.STATUS).phase is Phase.UNCERTAIN


def test_a_person_brings_it(_):
    class Person(Provider):
        issue_kind, old_token, probe, revoke = IssueKind.HUMAN, OldToken.DIES, None, None

    vault = memory_vault(a=VALUE)
    raised(tokenvault.NeedsHuman, vault.rotate, 'a', Person())
    assert vault.stage('a', OTHER, Person()).phase is Phase.STAGED
    raised(tokenvault.Conflict, vault.stage, 'a', VALUE, Person())
    vault.rotate('a', Person(), step=Step.PROMOTE, unverified=True)
    same(vault.read('a'), OTHER)


def test_what_is_no_provider_is_refused(_):
    vault = memory_vault(a=VALUE)
    raised(tokenvault.Refused, vault.rotate, 'a')
    raised(AttributeError, vault.rotate, 'a', object())
    raised(tokenvault.InvalidArgument, vault.rotate, 'a', Service(), step=99)
    raised(TypeError, vault.rotate, 'a', Service(), step='rotate')
    raised(tokenvault.NotFound, vault.rotate, 'b', Service())
    same(vault.read('a'), VALUE)


if __name__ == '__main__':
    run_all(tests_of(globals()))
