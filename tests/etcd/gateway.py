"""etcd's JSON gateway as tests ask it: past the backend under test, so that they can plant and look."""
import base64
import json
import ssl
import urllib.error
import urllib.request

PATIENCE = 20  # seconds


class Refused(Exception):
    """What etcd answered instead: its HTTP status and its words, which are not always JSON."""

    def __init__(self, status, body):
        super().__init__(f'{status} {body.decode(errors="replace").strip()}')
        self.status = status


def text64(value):
    return base64.b64encode(value.encode() if isinstance(value, str) else value).decode()


def bytes64(value):
    return base64.b64decode(value or '')


def after(prefix):
    """The first key that does not begin with it."""
    return prefix[:-1] + bytes([prefix[-1] + 1])


def trust(certificates, name='client'):
    """How a client of that certificate speaks TLS, or None where there is none."""
    if certificates is None:
        return None
    context = ssl.create_default_context(cafile=certificates.pem('ca'))
    context.load_cert_chain(certificates.pem(name), certificates.key(name))
    return context


class Gateway:
    """One member. `user`: a name and a password, for whom it logs in once."""

    def __init__(self, url, context=None, user=None):
        self.url, self.context, self.user, self.token = url, context, user, None

    def get(self, path, patience=PATIENCE):
        with urllib.request.urlopen(self.url + path, timeout=patience, context=self.context) as answer:
            return json.loads(answer.read())

    def ask(self, path, document=None, patience=PATIENCE):
        """The document that it answers to a POST of one."""
        with self.open(path, document or {}, patience) as answer:
            return json.loads(answer.read())

    def open(self, path, document, patience=PATIENCE):
        if self.user and not self.token:
            self.token = self.log_in(patience)
        request = urllib.request.Request(f'{self.url}/v3/{path}', json.dumps(document).encode())
        if self.token:
            request.add_header('Authorization', self.token)
        try:
            return urllib.request.urlopen(request, timeout=patience, context=self.context)
        except urllib.error.HTTPError as error:
            with error:
                raise Refused(error.code, error.read()) from None

    def log_in(self, patience):
        name, password = self.user
        return Gateway(self.url, self.context).ask('auth/authenticate', {'name': name, 'password': password},
                                                   patience)['token']

    def put(self, key, value):
        return self.ask('kv/put', {'key': text64(key), 'value': text64(value)})

    def erase(self, key):
        return self.ask('kv/deleterange', {'key': text64(key)})

    def value(self, key):
        """None where the key is not there."""
        found = self.ask('kv/range', {'key': text64(key)}).get('kvs')
        return bytes64(found[0].get('value')) if found else None

    def below(self, prefix):
        """Keys and values that begin with it."""
        prefix = prefix.encode() if isinstance(prefix, str) else prefix
        found = self.ask('kv/range', {'key': text64(prefix), 'range_end': text64(after(prefix))}).get('kvs', [])
        return {bytes64(one['key']): bytes64(one.get('value')) for one in found}

    def status(self, patience=PATIENCE):
        return self.ask('maintenance/status', patience=patience)

    def revision(self):
        return int(self.ask('kv/range', {'key': text64('a')})['header']['revision'])

    def compact(self, revision=None):
        """Forgets what was before `revision`, which is the newest where none is given."""
        self.ask('kv/compaction', {'revision': str(revision or self.revision()), 'physical': True})


def make_accounts(gateway, prefix, password, root_password):
    """The user `vault`, whose role reaches what begins with `prefix` and nothing else; then all must log in."""
    gateway.ask('auth/role/add', {'name': 'vault'})
    grant(gateway, 'vault', prefix)
    gateway.ask('auth/user/add', {'name': 'vault', 'password': password})
    gateway.ask('auth/user/grant', {'user': 'vault', 'role': 'vault'})
    gateway.ask('auth/role/add', {'name': 'root'})
    gateway.ask('auth/user/add', {'name': 'root', 'password': root_password})
    gateway.ask('auth/user/grant', {'user': 'root', 'role': 'root'})
    gateway.ask('auth/enable')


def asks_who(gateway):
    """Whether the member lets in nobody without a name. One that is behind does not know yet that it is to ask."""
    try:
        gateway.value('k')
    except Refused as answer:
        return answer.status in (400, 403)  # by TLS with a client's certificate it is nobody who is denied
    return False


def grant(gateway, role, prefix):
    end = after(prefix.encode())
    gateway.ask('auth/role/grant', {'name': role, 'perm': {'permType': 'READWRITE', 'key': text64(prefix),
                                                           'range_end': text64(end)}})


def revoke(gateway, role, prefix):
    gateway.ask('auth/role/revoke', {'role': role, 'key': text64(prefix), 'range_end': text64(after(prefix.encode()))})
