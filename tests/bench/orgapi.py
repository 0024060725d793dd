"""orgapi's throughput by wrk, as a ratio to libmicrohttpd answering a constant; the two are measured in turn."""
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'orgapi'))
import service

ROUNDS, SECONDS = 5, 2


def rate(url, script=None):
    words = ['wrk', '-t1', '-c16', f'-d{SECONDS}s', *(['-s', script] if script else []), url]
    told = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert 'Non-2xx' not in told, 'some requests were refused'
    return float(re.search(r'Requests/sec:\s*([\d.]+)', told)[1])


def main():
    if not shutil.which('wrk'):
        print('wrk is not installed')
        sys.exit(service.SKIP)
    orgapi, constant = sys.argv[1:]
    api = service.Service(orgapi)
    floor = subprocess.Popen([constant], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with tempfile.NamedTemporaryFile('w', suffix='.lua') as script:
        # In a file of ours, since arguments are for everybody to read.
        script.write(f'wrk.headers["Authorization"] = "Bearer {api.generate()}"\n')
        script.flush()
        floor_url = f'http://127.0.0.1:{floor.stdout.readline().strip()}/'
        rounds = {'a constant': [], 'a static page': [], 'GET /api/v1/token': [], 'GET /api/v1/user/balance': []}
        for _ in range(ROUNDS):
            rounds['a constant'].append(rate(floor_url))
            rounds['a static page'].append(rate(f'{api.origin}/problems'))
            rounds['GET /api/v1/token'].append(rate(f'{api.origin}/api/v1/token', script.name))
            rounds['GET /api/v1/user/balance'].append(rate(f'{api.origin}/api/v1/user/balance?account=a', script.name))
    floor.communicate('')
    api.stop()
    medians = {name: statistics.median(rates) for name, rates in rounds.items()}
    for name, median in medians.items():
        print(f'{name:26} {median:7.0f} a second; the constant is {medians["a constant"] / median:.2f} times as fast')


if __name__ == '__main__':
    main()
