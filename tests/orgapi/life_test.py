"""The service under load and under kill -9: no token is lost, none comes back, and no secret is left lying about."""
import http.client
import sys
import threading

from service import PASSWORD, Service, id_of, run_all, secret_of, tests_of

ROTATE = '/api/v1/token/rotate'


def left_lying_about(service, secrets):
    """Which files of the service hold 12 characters of a secret in a row."""
    parts = {secret[at:at + 12].encode() for secret in secrets for at in range(0, len(secret) - 11)}
    found = []
    for path in [service.log, *service.home.iterdir()]:
        data = path.read_bytes()
        if any(part in data for part in parts):
            found.append(path.name)
    return found


def test_no_secret_is_left_lying_about(program):
    service = Service(program)
    tokens = [service.generate()]
    for turn in range(3):
        tokens.append(service.bearer(tokens[-1], 'POST', ROTATE, {'rotation': f'r{turn}', 'overlap': 0}).json['token'])
        assert service.bearer(tokens[-1]).status == 200
    service.bearer(tokens[0])
    service.bearer(tokens[1] + 'x')
    secrets = [secret_of(token) for token in tokens] + [PASSWORD]
    assert (service.home / 'orgapi.db-wal').stat().st_size > 0
    assert left_lying_about(service, secrets) == []
    # The control: what is searched would be found, and the ids, which are public, are there.
    planted = service.home / 'planted'
    planted.write_text(f'x{secrets[1][5:20]}x')
    assert left_lying_about(service, secrets) == ['planted']
    planted.unlink()
    assert id_of(tokens[0]).encode() in (service.home / 'orgapi.db-wal').read_bytes() + (service.home / 'orgapi.db').read_bytes()
    service.stop()
    assert left_lying_about(service, secrets) == []


def test_kill_during_issue_and_rotate(program):
    service = Service(program)
    known, lock = [], threading.Lock()
    root = service.generate()
    known.append(root)
    for round_number in range(4):
        cookie = service.log_in().cookie
        enough = threading.Event()

        def work(number):
            try:
                for turn in range(10_000):
                    if number % 2:
                        answer = service.request('POST', '/admin/tokens', {'name': 'n', 'scopes': '', 'expires': None},
                                                 Origin=service.origin, Cookie=cookie)
                    else:
                        answer = service.bearer(root, 'POST', ROTATE, {'rotation': 'same', 'overlap': 60})
                    if answer.status == 201 and number % 2:
                        with lock:
                            known.append(answer.json['token'])
                            if len(known) >= 20 * (round_number + 1):
                                enough.set()
            except (OSError, http.client.HTTPException, ValueError):
                pass  # it was killed

        workers = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for worker in workers:
            worker.start()
        enough.wait()
        service.kill()
        for worker in workers:
            worker.join()
        service.start()
    # Revealed and valid, all of them; and of the rotation that was asked for many times one new token lives.
    assert len(known) >= 80
    assert all(service.bearer(token).status == 200 for token in known)
    last = service.bearer(root, 'POST', ROTATE, {'rotation': 'same', 'overlap': 60}).json['token']
    assert service.bearer(last).status == 200
    rows = service.admin('GET', '/admin/tokens').json['tokens']
    assert [row['id'] for row in rows if row['predecessor'] == id_of(root) and row['state'] == 'active'] == [id_of(last)]
    assert left_lying_about(service, [secret_of(token) for token in known]) == []
    service.stop()


def test_32_clients_while_tokens_come_and_go(program):
    service = Service(program, timeout=60).log_in()
    steady = [service.generate('points:read') for _ in range(4)]
    faults, stop = [], threading.Event()

    def client(token):
        connection = service.connection()
        while not stop.is_set():
            status = service.bearer(token, path='/api/v1/user/balance?account=a', connection=connection).status
            if status != 200:
                faults.append(f'a good token got {status}')
                return
        connection.close()

    clients = [threading.Thread(target=client, args=(steady[number % 4],)) for number in range(32)]
    for thread in clients:
        thread.start()
    for turn in range(25):
        token = service.generate()
        made = service.bearer(token, 'POST', ROTATE, {'rotation': f'r{turn}', 'overlap': 60}).json['token']
        if (service.bearer(made).status, service.bearer(token).status) != (200, 200):
            faults.append('a token in its overlap was refused')
        if service.admin('DELETE', f'/admin/tokens/{id_of(made)}').status != 204:
            faults.append('a revocation failed')
        if any(service.bearer(made).status != 401 for _ in range(3)):
            faults.append('a revoked token was accepted')
    stop.set()
    for thread in clients:
        thread.join()
    assert not faults, faults[:5]
    service.stop()


if __name__ == '__main__':
    sys.dont_write_bytecode = True
    run_all(tests_of(globals()))
