"""What a single etcd would answer, without etcd: keys with their past, transactions, leases, watches.

Only what a vault asks for. Requests and answers are the gateway's JSON as Python has it; zero fields are left out,
as the gateway does. tests/etcd holds it to the same contract suite as the real one.
"""
import base64
import itertools
import threading
import time

MAX_OPS = 128
MAX_REQUEST = 1_572_864


class Wrong(Exception):
    """An error of etcd's: the HTTP status, gRPC's code, and the words."""

    def __init__(self, status, code, words):
        super().__init__(words)
        self.status, self.code = status, code

    def document(self):
        return {'error': str(self), 'message': str(self), 'code': self.code}


def number(value):
    return int(value or 0)


def decoded(document, name):
    return base64.b64decode(document.get(name) or '')


def encoded(value):
    return base64.b64encode(value).decode()


def sparse(document):
    """Without zeros, falsehoods and empty lists; what is left of numbers are texts."""
    return {name: str(value) if type(value) is int else value for name, value in document.items()
            if value or isinstance(value, dict)}


class State:
    """One key at one time."""

    def __init__(self, key, value, revision, before, lease):
        self.key, self.value, self.mod, self.lease = key, value, revision, lease
        alive = before is not None and before.value is not None
        self.create = before.create if alive else revision
        self.version = before.version + 1 if alive else 1

    def document(self, keys_only=False):
        if self.value is None:
            return sparse({'key': encoded(self.key), 'mod_revision': self.mod})
        return sparse({'key': encoded(self.key), 'create_revision': self.create, 'mod_revision': self.mod,
                       'version': self.version, 'value': '' if keys_only else encoded(self.value),
                       'lease': self.lease})

    def facts(self):
        return {'VERSION': self.version, 'CREATE': self.create, 'MOD': self.mod, 'VALUE': self.value or b'',
                'LEASE': self.lease}


NOTHING = {'VERSION': 0, 'CREATE': 0, 'MOD': 0, 'VALUE': b'', 'LEASE': 0}
TARGETS = ['VERSION', 'CREATE', 'MOD', 'VALUE', 'LEASE']
RESULTS = {'EQUAL': lambda a, b: a == b, 'GREATER': lambda a, b: a > b, 'LESS': lambda a, b: a < b,
           'NOT_EQUAL': lambda a, b: a != b}


class FakeEtcd:
    def __init__(self):
        self.revision, self.compacted = 1, 0
        self.past = {}  # key -> its states, oldest first; one without a value is a deletion
        self.leases = {}  # id -> seconds, and when it ends
        self.ids = itertools.count(7_000)
        self.changed = threading.Condition(threading.RLock())

    def header(self):
        return sparse({'cluster_id': 11, 'member_id': 12, 'revision': self.revision, 'raft_term': 2})

    def answer(self, path, document):
        """The whole answer of a request that is no stream."""
        with self.changed:
            self.end_leases()
            given = getattr(self, path.replace('/', '_'))(document)
            self.changed.notify_all()
            return given if 'result' in given else {'header': self.header(), **given}

    # Keys.

    def keys_in(self, document):
        key, end = decoded(document, 'key'), decoded(document, 'range_end')
        if not end:
            return [key] if key in self.past else []
        return sorted(one for one in self.past if one >= key and (end == b'\0' or one < end))

    def at(self, key, revision=None):
        """The key's state then, or None where it had no value."""
        states = [state for state in self.past.get(key, []) if revision is None or state.mod <= revision]
        return states[-1] if states and states[-1].value is not None else None

    def kv_range(self, document):
        revision = number(document.get('revision')) or None
        if revision and revision < self.compacted:
            raise Wrong(400, 11, 'etcdserver: mvcc: required revision has been compacted')
        if revision and revision > self.revision:
            raise Wrong(400, 11, 'etcdserver: mvcc: required revision is a future revision')
        found = [self.at(key, revision) for key in self.keys_in(document)]
        found = [state for state in found if state]
        limit = number(document.get('limit')) or len(found)
        only = bool(document.get('keys_only'))
        kvs = [] if document.get('count_only') else [state.document(only) for state in found[:limit]]
        return sparse({'kvs': kvs, 'more': len(found) > limit, 'count': len(found)})

    def write(self, key, value, lease=0):
        states = self.past.setdefault(key, [])
        states.append(State(key, value, self.revision, states[-1] if states else None, lease))

    def put_now(self, document):
        lease = number(document.get('lease'))
        if lease and lease not in self.leases:
            raise Wrong(404, 5, 'etcdserver: requested lease not found')
        self.write(decoded(document, 'key'), decoded(document, 'value'), lease)
        return {}

    def erase_now(self, document):
        there = [key for key in self.keys_in(document) if self.at(key)]
        for key in there:
            self.write(key, None)
        return sparse({'deleted': len(there)})

    def kv_put(self, document):
        self.revision += 1
        return self.put_now(document)

    def kv_deleterange(self, document):
        if any(self.at(key) for key in self.keys_in(document)):
            self.revision += 1
        return self.erase_now(document)

    def kv_compaction(self, document):
        self.compacted = number(document.get('revision'))
        return {}

    def kv_txn(self, document):
        for part in ('compare', 'success', 'failure'):
            if len(document.get(part) or []) > MAX_OPS:
                raise Wrong(400, 3, 'etcdserver: too many operations in txn request')
        succeeded = all(self.holds(one) for one in document.get('compare') or [])
        chosen = document.get('success' if succeeded else 'failure') or []
        put = [decoded(one['request_put'], 'key') for one in chosen if 'request_put' in one]
        if len(set(put)) != len(put):
            raise Wrong(400, 3, 'etcdserver: duplicate key given in txn request')
        if any(name in one for one in chosen for name in ('request_put', 'request_delete_range')):
            self.revision += 1
        return sparse({'succeeded': succeeded, 'responses': [self.operate(one) for one in chosen]})

    def operate(self, operation):
        (name, document), = operation.items()
        do = {'request_put': self.put_now, 'request_delete_range': self.erase_now, 'request_range': self.kv_range}[name]
        return {name.replace('request_', 'response_'): {'header': sparse({'revision': self.revision}), **do(document)}}

    def holds(self, compare):
        target = compare.get('target', 'VERSION')
        target = TARGETS[target] if isinstance(target, int) else target
        result = compare.get('result', 'EQUAL')
        field = {'VERSION': 'version', 'CREATE': 'create_revision', 'MOD': 'mod_revision', 'VALUE': 'value',
                 'LEASE': 'lease'}[target]
        wanted = decoded(compare, field) if target == 'VALUE' else number(compare.get(field))
        found = self.at(decoded(compare, 'key'))
        if target == 'VALUE' and not found:
            return False
        return RESULTS[result]((found.facts() if found else NOTHING)[target], wanted)

    # Leases.

    def lease_grant(self, document):
        lease, seconds = number(document.get('ID')) or next(self.ids), number(document.get('TTL'))
        self.leases[lease] = (seconds, time.monotonic() + seconds)
        return sparse({'ID': lease, 'TTL': seconds})

    def lease_keepalive(self, document):
        lease = number(document.get('ID'))
        if lease in self.leases:
            seconds = self.leases[lease][0]
            self.leases[lease] = (seconds, time.monotonic() + seconds)
            return {'result': sparse({'header': self.header(), 'ID': lease, 'TTL': seconds})}
        return {'result': sparse({'header': self.header(), 'ID': lease})}

    def lease_revoke(self, document):
        lease = number(document.get('ID'))
        if lease not in self.leases:
            raise Wrong(404, 5, 'etcdserver: requested lease not found')
        self.end_lease(lease)
        return {}

    kv_lease_revoke = lease_revoke

    def lease_timetolive(self, document):
        lease = number(document.get('ID'))
        if lease not in self.leases:
            return sparse({'ID': lease, 'TTL': -1})
        seconds, end = self.leases[lease]
        return sparse({'ID': lease, 'TTL': int(end - time.monotonic()), 'grantedTTL': seconds})

    def end_lease(self, lease):
        del self.leases[lease]
        held = [key for key in self.past if self.at(key) and self.at(key).lease == lease]
        if held:
            self.revision += 1
        for key in held:
            self.write(key, None)

    def end_leases(self):
        for lease in [one for one, (_, end) in self.leases.items() if end < time.monotonic()]:
            self.end_lease(lease)

    # The rest.

    def auth_authenticate(self, document):
        return {'token': f'{document["name"]}.{self.revision}'}

    def maintenance_status(self, _):
        return sparse({'version': '3.4.23', 'dbSize': 4096, 'leader': 12, 'raftIndex': self.revision})

    def cluster_member_list(self, _):
        return {'members': [sparse({'ID': 12, 'name': 'n0'})]}

    def events(self, document, ended):
        """What a watch says, one document after another; None when nothing came for a while."""
        wanted = document.get('create_request', document)
        start = number(wanted.get('start_revision'))
        with self.changed:
            at = start or self.revision + 1
            yield {'result': {'header': self.header(), 'created': True}}
            if start and start <= self.compacted:
                yield {'result': sparse({'header': self.header(), 'canceled': True,
                                         'compact_revision': self.compacted})}
                return
        while not ended():
            with self.changed:
                self.end_leases()
                if at > self.revision:
                    self.changed.wait(0.1)
                batch, at = self.since(wanted, at), self.revision + 1
                said = {'result': {'header': self.header(), 'events': batch}} if batch else None
            yield said

    def since(self, wanted, revision):
        states = sorted((state for key in self.keys_in(wanted) for state in self.past[key] if state.mod >= revision),
                        key=lambda state: state.mod)
        return [{**({'type': 'DELETE'} if state.value is None else {}), 'kv': state.document()} for state in states]
