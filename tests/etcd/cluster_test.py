"""The fixture itself: real members, each way in which a test makes them fail, and how they come back."""
import ssl
import sys
import urllib.error
from pathlib import Path

from cluster import PREFIX, Cluster, main, until
from gateway import Refused

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'support'))
from cases import run_each, tests_of  # noqa: E402


def refused(call):
    """What etcd answers instead, or that it does not even speak."""
    try:
        call()
    except Refused as answer:
        return answer.status
    except (ssl.SSLError, urllib.error.URLError, ConnectionError):
        return 'no connection'
    return None


def test_one_member_keeps_what_it_was_told(_):
    with Cluster() as cluster:
        folder = cluster.folder
        cluster.gateway().put('k', b'\0\xff')
        cluster.kill(0)
        assert not cluster.answers(0)
        cluster.restart(0)
        assert cluster.gateway().value('k') == b'\0\xff' and cluster.gateway().value('other') is None
        assert cluster.gateway().below('k') == {b'k': b'\0\xff'}
        process = cluster.nodes[0].process
    assert process.poll() is not None and not folder.exists(), 'something stays behind'


def test_a_copy_of_the_data_is_put_back(_):
    with Cluster() as cluster:
        cluster.gateway().put('k', 'old')
        copy = cluster.save()
        cluster.gateway().put('k', 'new')
        cluster.put_back(copy)
        assert cluster.gateway().value('k') == b'old'
        before = cluster.gateway().status()['header']['cluster_id']
        cluster.forget()
        assert cluster.gateway().value('k') is None
        assert cluster.gateway().status()['header']['cluster_id'] != before, 'it looks like the same cluster'


def test_three_members_and_the_loss_of_some(_):
    with Cluster(nodes=3) as cluster:
        leader = cluster.leader()
        others = [index for index in range(3) if index != leader]
        cluster.kill(leader)
        assert cluster.leader() in others
        until(lambda: refused(lambda: cluster.gateway(others[0]).put('k', 'v')) is None, 'two of three take nothing')
        cluster.replace(leader)
        until(lambda: refused(lambda: cluster.gateway(leader).value('k')) is None, 'the member never caught up')
        assert cluster.gateway(leader).value('k') == b'v'
        for index in others:
            cluster.pause(index)
        until(lambda: not cluster.answers(leader), 'one of three answers alone')
        for index in others:
            cluster.go_on(index)
        cluster.until_healthy()


def test_a_quota_and_a_compaction(_):
    with Cluster(quota=16 << 20) as cluster:
        gateway = cluster.gateway()
        gateway.put('k', 'v')
        cluster.compact()
        assert refused(lambda: gateway.ask('kv/range', {'key': 'aw==', 'revision': '1'})) == 400

        def fill():
            for count in range(40):
                gateway.put(f'f{count}', b'x' * (1 << 20))
        assert refused(fill) in (429, 503, 500, 400), 'the quota is not kept'
        assert gateway.value('k') == b'v'


def test_who_is_let_in_by_tls(_):
    with Cluster(tls=True, auth=True) as cluster:
        cluster.certificates.with_name().expired().unknown()
        assert cluster.gateway().value('k') is None
        assert refused(lambda: cluster.gateway(certificate='named').value('k')) == 400
        for name in ('expired', 'unknown'):
            assert refused(lambda who=name: cluster.gateway(certificate=who).value('k')) == 'no connection', name


def test_who_reaches_what_by_accounts(_):
    with Cluster(auth=True) as cluster:
        vault = cluster.gateway(user='vault')
        vault.put(PREFIX + 'here/root', 'v')
        assert refused(lambda: vault.put('/elsewhere', 'v')) == 403
        assert refused(lambda: vault.value('/elsewhere')) == 403
        assert refused(lambda: cluster.gateway(user=None).value('k')) == 400
        vault.token = 'no.such'
        assert refused(lambda: vault.value(PREFIX + 'here/root')) == 401
        cluster.gateway().put('/elsewhere', 'v')
        cluster.gateway().ask('auth/role/revoke', {'role': 'vault', 'key': 'L3Qt', 'range_end': 'L3Qu'})
        vault.token = None
        assert refused(lambda: vault.value(PREFIX + 'here/root')) == 403


if __name__ == '__main__':
    main(lambda: run_each(tests_of(globals()), lambda: None))
