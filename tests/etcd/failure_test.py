"""Real members fail, in each way that has a name here, while clients work: what was acknowledged stays, nobody wins
twice, and whoever is told of it is told clearly. failure_test.py CLIENT NAME"""
import sys
import time

from cluster import PREFIX, Cluster, main, tail, until
from crew import Crew, check_failures  # of tests/support, which cluster.py has put on the path
from failure_rooms import FarCluster
from failure_wire import Wire
from gateway import Refused, grant, revoke, text64

PATIENT, HASTY = 60_000, 5_000  # ms of one call: as long as nobody is to fail, and where all are to
ANSWER = 2.9  # seconds: a little less than a client waits for one member's answer
DOUBT = {'in_doubt'}
# Of a vault also that it has lost too much time to win against the others.
SILENCE = {'in_doubt', 'unreachable', 'unavailable'}


def at_work(crew):
    crew.start('store', 3)
    crew.start('watch', 1)
    crew.start('vault', 3)
    crew.go_on()


def go_on(crew):
    """All of them, those who only follow as well."""
    crew.go_on()
    crew.go_on(3, crew.of('watch'))


def only_slower(crew):
    """Nobody noticed but those who swap a root by hand, and have to look at what became of it, and whose vault was
    changed more often meanwhile than it remembers."""
    crew.finish()
    check_failures(crew.of('store'), DOUBT)
    check_failures(crew.of('vault'), DOUBT, 'too many other changes')
    check_failures(crew.of('watch'), set())


def follower(cluster):
    leader = cluster.leader()
    return next(index for index in range(cluster.count) if index != leader)


def leader_killed(cluster, crew):
    at_work(crew)
    leader = cluster.leader()
    cluster.kill(leader)
    go_on(crew)
    cluster.restart(leader)
    go_on(crew)
    only_slower(crew)


def stopped(cluster, crew, index):
    cluster.pause(index)
    crew.until_long(ANSWER)
    go_on(crew)
    cluster.go_on(index)
    go_on(crew)
    only_slower(crew)


def follower_stopped(cluster, crew):
    at_work(crew)
    stopped(cluster, crew, follower(cluster))


def leader_stopped(cluster, crew):
    at_work(crew)
    stopped(cluster, crew, cluster.leader())


def cut_off(cluster, crew, index, sides):
    cluster.rooms.cut(index, sides)
    crew.until_long(ANSWER)
    go_on(crew)
    cluster.rooms.mend(index)
    cluster.until_healthy()
    go_on(crew)
    only_slower(crew)


def leader_cut_off_from_members(cluster, crew):
    """It still answers clients, and for a while believes that it leads."""
    at_work(crew)
    cut_off(cluster, crew, cluster.leader(), 'p')


def follower_cut_off_from_members(cluster, crew):
    at_work(crew)
    cut_off(cluster, crew, follower(cluster), 'p')


def leader_cut_off_from_all(cluster, crew):
    at_work(crew)
    cut_off(cluster, crew, cluster.leader(), 'cp')


def two_dead(cluster, crew):
    at_work(crew)
    dead = [cluster.leader(), follower(cluster)]
    for index in dead:
        cluster.kill(index)
    crew.until_failed()
    cluster.restart(*dead)
    go_on(crew)
    crew.finish()
    check_failures(crew.clients, SILENCE)


def all_killed(cluster, crew):
    at_work(crew)
    for index in range(cluster.count):
        cluster.kill(index)
    crew.until_failed()
    cluster.restart()
    go_on(crew)
    crew.finish()
    check_failures(crew.clients, SILENCE)


def data_wiped(cluster, crew):
    """A member that comes back with nothing, as if it were new, is not let in; as a new one it is."""
    at_work(crew)
    leader = cluster.leader()
    cluster.wipe(leader)
    cluster.start(leader)
    until(lambda: not cluster.nodes[leader].running(), 'a member without its data takes part')
    assert 'already been bootstrapped' in tail(cluster.nodes[leader].log), tail(cluster.nodes[leader].log)
    go_on(crew)
    cluster.replace(leader)
    go_on(crew)
    only_slower(crew)


def two_lost_for_good(cluster, crew):
    """The one that is left is made a cluster of its own. It led, and so it has all that was acknowledged."""
    at_work(crew)
    leader = cluster.leader()
    for index in range(cluster.count):
        if index != leader:
            cluster.wipe(index)
    crew.until_failed()
    cluster.kill(leader)
    cluster.nodes[leader].start([*cluster.flags(), '--force-new-cluster'])
    cluster.until_healthy(leader)
    go_on(crew)
    crew.finish()
    check_failures(crew.clients, SILENCE)


def compacted(cluster, crew):
    """Also under those who follow, awake and asleep; all of them see the last change."""
    at_work(crew)
    crew.go_on(1, crew.start('put'))
    watchers = crew.start('watch', 2) + crew.start('lease', 2)
    crew.go_on(5, watchers)
    for client in watchers[::2]:
        client.pause()
    for _ in range(5):
        crew.go_on(10)
        cluster.compact()
    for client in watchers[::2]:
        client.go_on()
    crew.rest()
    # Sooner than by the end of a wait, which is 30 s.
    until(crew.all_know_the_last, 'somebody did not hear of the last change', patience=20)
    crew.finish()
    check_failures(crew.clients, set())


def fill(gateway):
    """Until etcd takes no more. A busy one may give up a put before."""
    for number in range(200):
        try:
            gateway.put(f'/filler/{number}', b'x' * (1 << 20))
        except Refused as answer:
            if 'space exceeded' in str(answer):
                return
    raise AssertionError('the quota is never reached')


def make_room(cluster):
    gateway = cluster.gateway()
    gateway.ask('kv/deleterange', {'key': text64('/filler/'), 'range_end': text64('/filler0')})
    gateway.compact()
    for index in range(cluster.count):
        cluster.gateway(index).ask('maintenance/defragment')
    for alarm in gateway.ask('maintenance/alarm', {'action': 'GET'})['alarms']:
        gateway.ask('maintenance/alarm', {**alarm, 'action': 'DEACTIVATE'})


def quota_reached(cluster, crew):
    at_work(crew)
    fill(cluster.gateway())
    crew.until_failed()
    make_room(cluster)
    go_on(crew)
    crew.finish()
    # Where another change came on top nobody can tell whether the own was made before.
    check_failures(crew.workers(), {'io'} | DOUBT, 'used up its space')
    check_failures(crew.of('watch'), set())


def start_anew(cluster):
    """So that all connections are made anew."""
    for index in range(cluster.count):
        cluster.kill(index)
        cluster.start(index)


def server_certificate_expired(cluster, crew):
    at_work(crew)
    cluster.certificates.server(days=-1)
    start_anew(cluster)
    crew.until_failed()
    until(lambda: crew.heard('certificate has expired'), 'nobody is told why')
    cluster.certificates.server()
    go_on(crew)
    crew.finish()
    check_failures(crew.clients, SILENCE)


def client_certificate_expired(cluster, crew):
    at_work(crew)
    cluster.certificates.sign('client', '/O=client', days=-1)
    start_anew(cluster)
    crew.until_failed()
    until(lambda: crew.heard("does not take this client's certificate"), 'nobody is told why')
    cluster.certificates.sign('client', '/O=client')
    go_on(crew)
    crew.finish()
    check_failures(crew.clients, SILENCE | {'permission_denied'})


def role_revoked(cluster, crew):
    at_work(crew)
    gateway = cluster.gateway()
    revoke(gateway, 'vault', PREFIX)
    crew.until_failed()
    grant(gateway, 'vault', PREFIX)
    go_on(crew)
    crew.finish()
    check_failures(crew.clients, {'permission_denied'}, 'grant the account a role')


def answer_lost(cluster, crew):
    """Time and again a change is made and its answer is lost with the way to the member: nobody is told that nothing
    has happened."""
    wire = Wire(cluster.nodes[0].url)
    for _ in range(10):
        client, = crew.start('store', TOKENVAULT_TEST_ETCD=wire.url)
        crew.go_on(5, [client])
        wire.armed.set()
        until(lambda told=client.told: wire.broken.is_set() and told.failures, 'nobody makes a change')
        wire.mend()
        crew.go_on(5, [client])
        client.end()
    wire.close()
    crew.finish()
    check_failures(crew.clients, SILENCE)
    broken = [failure for client in crew.clients for failure in client.told.failures if failure.kind == 'cas']
    assert len(broken) >= 10 and {each.code for each in broken} == DOUBT, broken


THREE = {'nodes': 3}
FAR = THREE | {'far': True}
SCENARIOS = {
    leader_killed: (THREE, PATIENT),
    follower_stopped: (THREE, PATIENT),
    leader_stopped: (THREE, PATIENT),
    leader_cut_off_from_members: (FAR, PATIENT),
    follower_cut_off_from_members: (FAR, PATIENT),
    leader_cut_off_from_all: (FAR, PATIENT),
    two_dead: (THREE, HASTY),
    all_killed: (THREE, HASTY),
    answer_lost: ({}, HASTY),
    data_wiped: (THREE, PATIENT),
    two_lost_for_good: (THREE, HASTY),
    compacted: (THREE, PATIENT),
    quota_reached: (THREE | {'quota': 24 << 20}, PATIENT),
    server_certificate_expired: (THREE | {'tls': True}, HASTY),
    client_certificate_expired: (THREE | {'tls': True}, HASTY),
    role_revoked: (THREE | {'auth': True}, PATIENT),
}


def make_cluster(far=False, **settings):
    return FarCluster(**settings) if far else Cluster(**settings)


def run(program, scenario):
    settings, timeout = SCENARIOS[scenario]
    begun = time.monotonic()
    with make_cluster(**settings) as cluster, Crew(program, cluster.environment(), f'{PREFIX[1:]}failure', timeout) as crew:
        scenario(cluster, crew)
        answers = sum(client.answered() for client in crew.clients)
    print(f'{scenario.__name__}: {len(crew.clients)} clients, {answers} answers, {time.monotonic() - begun:.1f} s')
    return 0


if __name__ == '__main__':
    main(lambda: run(sys.argv[1], {each.__name__: each for each in SCENARIOS}[sys.argv[2]]))
