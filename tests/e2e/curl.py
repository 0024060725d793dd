"""The real curl, with the token in a header on its standard input."""
import collections
import re
import subprocess

Answer = collections.namedtuple('Answer', 'status headers body')


def curl(stage, path, *words, token=None, headers=()):
    lines = [*([f'Authorization: Bearer {token}'] if token is not None else []), *headers]
    done = subprocess.run(['curl', '-q', '-sS', '-i', '--max-time', '20', '-H', '@-', *words, stage.service.url + path],
                          input='\n'.join(lines).encode(), capture_output=True, env=stage.home.variables, timeout=30,
                          check=False)
    assert done.returncode == 0, done.stderr
    head, _, body = done.stdout.partition(b'\r\n\r\n')
    first, *rest = head.decode().split('\r\n')
    return Answer(int(first.split()[1]), [re.split(r':\s*', line, maxsplit=1) for line in rest], body.decode())


def header(answer, name):
    """The only one of that name, or None."""
    found = [value for key, value in answer.headers if key.lower() == name.lower()]
    assert len(found) < 2, f'{name} is there {len(found)} times'
    return found[0] if found else None


def reason(answer):
    """A refusal as a client reads it: the status and the name of the problem."""
    return answer.status, answer.body.partition('/problems#')[2].partition('"')[0]
