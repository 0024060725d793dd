"""Requests that are not plain HTTP, too large or too slow; and whatever a token can be mistyped into."""
import random
import socket
import sys
import time

from service import PATIENCE, Service, id_of, run_all, secret_of, status_of, tests_of

ROTATE = '/api/v1/token/rotate'
CHUNKED = b'2\r\n{}\r\n0\r\n\r\n'


def test_lengths_that_could_be_read_in_two_ways(program):
    service = Service(program)
    cases = [
        (400, ['Content-Length: 2', 'Transfer-Encoding: chunked'], CHUNKED),
        (400, ['Transfer-Encoding: chunked', 'Content-Length: 11'], CHUNKED),
        (411, ['Transfer-Encoding: chunked'], CHUNKED),
        (411, ['Transfer-Encoding: identity'], b''),
        (411, ['Transfer-Encoding: xchunked'], CHUNKED),
        (400, ['Content-Length: 2', 'Content-Length: 2'], b'{}'),
        (400, ['Content-Length: 2', 'Content-Length: 3'], b'{}'),
        (400, ['Content-Length : 2'], b'{}'),
        (400, ['Transfer-Encoding : chunked', 'Content-Length: 2'], b'{}'),
        (400, ['Content-Length: +2'], b'{}'),
        (400, ['Content-Length: -1'], b'{}'),
        (400, ['Content-Length: 0x2'], b'{}'),
        (413, ['Content-Length: 99999999999999999999999'], b'{}'),
        (413, ['Content-Length: 104857600'], b'{}'),
    ]
    follower = service.head('GET', '/problems')
    for expected, lines, body in cases:
        got = service.raw(service.head('POST', ROTATE, *lines) + body + follower)
        assert status_of(got) == expected, (lines, got[:80])
        # Whatever follows in the same bytes is not taken for a request.
        assert b'HTTP/1.1 200' not in got, lines
    assert service.is_alive()
    service.stop()


def test_bytes_between_the_lines(program):
    service = Service(program)
    token = service.generate()
    good = f'Authorization: Bearer {token}'
    assert status_of(service.raw(service.head('GET', '/api/v1/token', good))) == 200
    for line in (good + '\0', good + '\0x', 'Authorization: \0Bearer ' + token, good + '\nX: y', good + '\r\n x',
                 good + '\r\n ', 'Authorization: Bearer\r\n ' + token, 'Authorization : Bearer ' + token,
                 'Authorization\t: Bearer ' + token, 'Authorization\0: Bearer ' + token, 'Authorization Bearer ' + token):
        for lines in ((line,), (line, 'X: y')):
            got = service.raw(service.head('GET', '/api/v1/token', *lines))
            assert status_of(got) == 400, (line.replace(token, 'TOKEN'), got[:60])
    for line in (good + '\x01', good + '\x7f', good + '\x80', good + '\t', good + ' ', good + '\rX: y', good + ',',
                 good + ' x', good.replace('Bearer ', 'Bearer\t'), good.replace('Bearer', 'Token')):
        assert status_of(service.raw(service.head('GET', '/api/v1/token', line))) == 401, line.replace(token, 'TOKEN')
    assert status_of(service.raw(service.head('GET', '/api/v1/token', good).replace(b'\r\n', b'\n'))) == 400
    assert status_of(service.raw(service.head('GET', '/api/v1/token\0x', good))) == 400
    for garbage in (b'\0\1\2\r\n\r\n', b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', b'\x16\x03\x01\x02\x00\x01', b'GET\r\n\r\n'):
        assert status_of(service.raw(garbage)) != 200
    assert service.is_alive()
    service.stop()


def test_requests_in_pieces(program):
    service = Service(program)
    token = service.generate()
    lines = [f'X-{number}: {"a" * 100}' for number in range(100)]
    data = service.head('GET', '/api/v1/token?a=b&c=%41&d', *lines, f'Authorization: bEARER   {token}')
    with socket.create_connection(('127.0.0.1', service.port), timeout=PATIENCE) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for size in (97, 1000, len(data)):
            for at in range(0, len(data), size):
                connection.sendall(data[at:at + size])
            assert status_of(connection.recv(65536)) == 200, size
    assert service.raw(3 * service.head('GET', '/problems')).count(b'HTTP/1.1 200') == 3
    service.stop()


def test_sizes(program):
    service = Service(program)
    token = service.generate()
    for size, expected in ((65536, 400), (65537, 413), (900_000, 413)):
        answer = service.bearer(token, 'POST', ROTATE, b'x' * size, Content_Type='application/json')
        assert answer.status == expected, (size, answer)
    # More than is waited for: the connection ends, with or without an answer that gets through.
    assert status_of(service.raw(service.head('GET', '/problems', 'X: ' + 'a' * 33000))) in (None, 431)
    assert status_of(service.raw(service.head('GET', '/' + 'a' * 33000))) in (None, 414, 431)
    assert status_of(service.raw(service.head('POST', ROTATE, 'Content-Length: 50000000') + b'x' * 5_000_000)) in (None, 413)
    place = f'/proc/{service.process.pid}'
    peak = next(line for line in open(f'{place}/status') if line.startswith('VmHWM')).split()[1]
    # 64 MiB of it for the password's hash. A sanitizer keeps what was freed.
    assert int(peak) < 100_000 or 'libasan' in open(f'{place}/maps').read(), f'{peak} KiB'
    assert service.is_alive()
    service.stop()


def ends(connection):
    """Waits until the other side closes, for what it takes: a limit that does not hold shows as a time-out."""
    try:
        return connection.recv(65536) == b''
    except ConnectionError:
        return True


def test_slow_clients_are_dropped(program):
    service = Service(program)
    data = service.head('GET', '/problems')
    with socket.create_connection(('127.0.0.1', service.port), timeout=PATIENCE) as silent:
        silent.sendall(data[:20])
        assert ends(silent)
    with socket.create_connection(('127.0.0.1', service.port), timeout=0.3) as drip:
        # Never silent for a second: what ends it is the limit for the whole request.
        deadline, byte = time.monotonic() + PATIENCE, 0
        while time.monotonic() < deadline:
            try:
                drip.sendall(data[byte % 20:byte % 20 + 1])
                byte += 1
                if drip.recv(1) == b'':
                    break
            except socket.timeout:
                continue
            except ConnectionError:
                break
        else:
            raise AssertionError('a client that drips is never dropped')
    assert service.is_alive()
    service.stop()


def test_more_connections_than_are_served(program):
    service = Service(program)
    idle = [socket.create_connection(('127.0.0.1', service.port), timeout=PATIENCE) for _ in range(300)]
    assert service.is_alive()
    for connection in idle:
        connection.close()
    service.stop()


def mutations(token, random_numbers, count):
    """Header values that are near to a good one and are none."""
    good = b'Bearer ' + token.encode()
    alphabet = bytes(range(1, 10)) + bytes(range(11, 13)) + bytes(range(14, 256))
    while count:
        value = bytearray(good)
        for _ in range(random_numbers.choice((1, 1, 1, 2, 5, 20))):
            at = random_numbers.randrange(len(value) + 1)
            kind = random_numbers.randrange(6)
            if kind == 0:
                value[at:at + 1] = bytes([random_numbers.choice(alphabet)])
            elif kind == 1:
                value[at:at] = bytes([random_numbers.choice(alphabet)])
            elif kind == 2:
                del value[at:at + random_numbers.choice((1, 1, 2, 9))]
            elif kind == 3:
                value[at:at] = value[:random_numbers.randrange(80)]
            elif kind == 4 and at + 1 < len(value):
                value[at], value[at + 1] = value[at + 1], value[at]
            elif kind == 5:
                value[at:at] = bytes([random_numbers.choice(b' \t,;="\x01\x7f')]) * random_numbers.randrange(1, 60)
        if not is_good(bytes(value), token):
            count -= 1
            yield bytes(value)


def is_good(value, token):
    """What the words of RFC 6750 let through after all: another case of the scheme, more blanks."""
    scheme, _, rest = value.lstrip(b' \t').partition(b' ')
    return scheme.lower() == b'bearer' and rest.strip(b' \t') == token.encode()


def exchange(service, requests):
    """The statuses of pipelined requests, over as few connections as the service lets them have."""
    statuses = []
    while len(statuses) < len(requests):
        rest = requests[len(statuses):]
        closing = rest[-1].replace(b'\r\n', b'\r\nConnection: close\r\n', 1)
        got = service.raw(b''.join(rest[:-1]) + closing, half_close=False)
        # Bodies have no line end, so that the next answer's status line follows one directly.
        fresh = [int(part[:3]) for part in got.split(b'HTTP/1.1 ')[1:]]
        assert fresh, 'no answer at all'
        statuses += fresh
    return statuses


def test_ten_thousand_wrong_headers(program):
    service = Service(program, '--refusals', '1000000')
    token = service.generate()
    numbers = random.Random(6)
    requests = [service.head('GET', '/api/v1/token', b'Authorization: ' + value)
                for value in mutations(token, numbers, 10_000)]
    statuses = [status for at in range(0, len(requests), 100) for status in exchange(service, requests[at:at + 100])]
    assert len(statuses) == 10_000, len(statuses)
    told = {status: statuses.count(status) for status in sorted(set(statuses))}
    assert set(told) <= {400, 401}, told
    assert told[401] > 9_000, told
    assert service.bearer(token).status == 200 and service.is_alive()
    service.stop()
    log = service.log.read_bytes()
    secret = secret_of(token).encode()
    assert id_of(token).encode() in log  # what is searched is what was written
    for at in range(0, len(secret) - 8):
        assert secret[at:at + 8] not in log, 'a part of the secret is in the log'


if __name__ == '__main__':
    sys.dont_write_bytecode = True
    run_all(tests_of(globals()))
