"""A certificate authority of a test's own, and what it signs, by the openssl command."""
import shutil
import subprocess

HOST = 'subjectAltName=DNS:localhost,IP:127.0.0.1'


class Certificates:
    """Files in `folder`, each NAME.pem with its NAME.key."""

    def __init__(self, folder):
        self.folder = folder
        self.authority('ca')
        self.server()
        self.sign('client', '/O=client')

    @staticmethod
    def possible():
        return shutil.which('openssl') is not None

    def pem(self, name):
        return str(self.folder / f'{name}.pem')

    def key(self, name):
        return str(self.folder / f'{name}.key')

    def authority(self, name):
        self.run('req', '-x509', *self.new_key(name), '-subj', f'/O={name}', '-days', '2', '-out', self.pem(name),
                 '-addext', 'basicConstraints=critical,CA:TRUE')

    def sign(self, name, subject, *extensions, ca='ca', days=2):
        """With `days` below zero: expired already."""
        request, wanted = self.folder / f'{name}.csr', self.folder / f'{name}.ext'
        wanted.write_text('\n'.join(['extendedKeyUsage=serverAuth,clientAuth', *extensions]) + '\n')
        self.run('req', *self.new_key(name), '-subj', subject, '-out', str(request))
        self.run('x509', '-req', '-in', str(request), '-CA', self.pem(ca), '-CAkey', self.key(ca), '-CAcreateserial',
                 '-days', str(days), '-extfile', str(wanted), '-out', self.pem(name))
        return self

    def server(self, days=2):
        # A CN here would be the gateway's own user at the server that it is part of.
        return self.sign('server', '/O=server', HOST, days=days)

    def with_name(self):
        """A client whose CN is a user's name, which the gateway refuses."""
        return self.sign('named', '/O=client/CN=root')

    def expired(self):
        return self.sign('expired', '/O=client', days=-1)

    def unknown(self):
        """A client that vouches for itself before nobody whom the server knows."""
        self.authority('other_ca')
        return self.sign('unknown', '/O=client', ca='other_ca')

    def new_key(self, name):
        return ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', self.key(name)]

    @staticmethod
    def run(*words):
        done = subprocess.run(['openssl', *words], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, f'openssl {words[0]}: {done.stderr}'
