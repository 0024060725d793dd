"""Steps 12 and 13: answers are lost, programs are killed, and nobody is locked out."""
import secrets
import signal

from fake_gitlab import GitLab
from faults import KILLED, traced
from proxy import Proxy
from replacing import id_of, set_provider
from service import Service
from stage import NAME, Skipped, until

AT_ITS_ANSWER = 'sendto,sendmsg,writev'


def pending(stage):
    """What the service has made and nobody has used yet."""
    return [row for row in stage.service.living(stage.lineage) if row['state'] == 'pending']


def settle(stage):
    """Ends the old token early, when no client can have it in hand any more, so that the next rotation may begin."""
    stage.loop.wait_for(2)
    state = stage.home.document('rotate', 'retire', NAME, '--theirs')
    assert (state['phase'], state['obligations']) == ('done', []), state


def resumed(stage, before):
    """`resume` needs no memory; the token in use is another one then, and it is good."""
    stage.home.run('rotate', 'resume', NAME)
    assert stage.token() != before and stage.service.balance(stage.token())[0] == 200
    settle(stage)


def answer_lost(stage, proxy, way):
    before, posts = stage.token(), proxy.posts
    proxy.way = way
    failure = stage.home.failure(19, 'unreachable', 'rotate', NAME)
    assert '\n' not in failure['message'] and stage.token() == before, failure
    # It asks again at once, which is safe here: what it made first has ended unused.
    assert proxy.posts > posts and len(pending(stage)) == 1, (proxy.posts - posts, len(pending(stage)))
    proxy.way = None
    resumed(stage, before)


def killed_at_each_step(stage):
    """The tool, at each time that it asks for what it wrote to be durable: how often that was."""
    number = 0
    while True:
        number += 1
        before = stage.token()
        done = traced(stage.home, f'fdatasync:signal=KILL:when={number}', 'rotate', NAME)
        stage.home.run('rotate', 'resume', NAME)
        assert stage.service.balance(stage.token())[0] == 200, f'after a kill at step {number}'
        settle(stage)
        if done.returncode == 0:
            assert stage.token() != before and number > 3, f'only {number - 1} durable steps were seen'
            return number - 1
        assert done.returncode in KILLED, (number, done.returncode, done.stderr)


def service_killed(stage, proxy):
    """A second process of the service, on the same database, dies as it begins to answer; the first one goes on."""
    doomed = Service(stage.service.program, stage.service.folder, stage.folder / 'doomed.log', stage.home.variables)
    doomed.start('strace', '-f', '-o', '/dev/null', '-e', f'trace={AT_ITS_ANSWER}', '-e', f'inject={AT_ITS_ANSWER}:signal=KILL')
    proxy.doomed = doomed.port
    before = stage.token()
    stage.home.failure(19, 'unreachable', 'rotate', NAME)
    assert doomed.process.wait(30) in KILLED and len(pending(stage)) == 1, 'it was not between commit and answer'
    doomed.close()
    proxy.doomed = None
    resumed(stage, before)


def main_service_killed(stage):
    """Where the only process dies, clients see no answer, never a wrong one."""
    stage.loop.check()
    stage.loop.may_miss = True
    stage.service.stop(signal.SIGKILL)
    stage.service.start()
    stage.loop.wait_for(3)


def everything_at_once(stage):
    if not stage.programs.recipe.exists():
        raise Skipped('tokenvault-recipe was not built')
    proxy = Proxy(stage.service.port)
    try:
        set_provider(stage, 'recipe:orgapi', proxy.url)
        settle(stage)
        for way in ('drop', '502'):
            answer_lost(stage, proxy, way)
        try:
            steps = killed_at_each_step(stage)
            print(f'         the tool was killed at each of {steps} durable steps', flush=True)
            service_killed(stage, proxy)
        except Skipped as reason:
            stage.skip(f'kills at each durable step: {reason}')
    finally:
        proxy.close()
    main_service_killed(stage)
    alive = stage.service.only_living(stage.lineage)
    assert alive['id'] == id_of(stage.token()), 'another token than the vault has is alive'
    stage.loop.wait_for(5)


def rule_of_reuse(stage):
    """GitLab's: whoever rotates with a token that was rotated already loses all of them."""
    if not stage.programs.recipe.exists():
        raise Skipped('tokenvault-recipe was not built')
    home, name, first = stage.home, 'gitlab/ci', 'glpat-' + secrets.token_hex(10)
    stage.secrets['of the fake'] = first.removeprefix('glpat-')
    with GitLab(first) as provider:
        home.put(name, first)
        home.run('policy', name, '--provider', 'recipe:gitlab-pat', '--set', f'url={provider.url}')
        provider.fault, provider.faulty = 'drop', ('POST',)
        home.failure(20, 'needs_human', 'rotate', name)
        provider.fault = None
        home.failure(20, 'needs_human', 'rotate', 'resume', name)
        state = home.document('rotate', 'status', name)
        assert (state['phase'], state['asks'], provider.rotations) == ('uncertain', True, 1), state
        made = next(token for token, record in provider.tokens.items() if record['active'])
        assert made != first, 'the new token is not alive'
        home.run('rotate', 'stage', name, '--stdin', stdin=made.encode())
        home.run('rotate', 'resume', name)
        assert home.run('get', name).stdout == made.encode() and provider.rotations == 1
        assert home.document('rotate', 'status', name)['phase'] == 'done'


STEPS = [
    (12, 'lost answers, a kill at every durable step of the tool, a service killed before it answers', everything_at_once),
    (13, 'a provider that punishes repetition is asked once; a person ends the doubt', rule_of_reuse),
]
