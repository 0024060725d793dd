"""orgapi as tests start it: its folder is made with a password that stands in no argument, and its line is read."""
import os
import re
import subprocess

PATIENCE = 60  # seconds: a program that hangs must still end the test


def init(program, folder, password, *words, env=None):
    reading, writing = os.pipe()
    os.write(writing, password.encode())
    os.close(writing)
    done = subprocess.run([program, 'init', str(folder), *words, '--password-fd', str(reading)], pass_fds=[reading],
                          env=env, capture_output=True, timeout=PATIENCE, check=False)
    os.close(reading)
    assert done.returncode == 0 and password.encode() not in done.stdout + done.stderr, done.stderr


def serve(command, log, **more):
    """The process of `command`, which is or starts `orgapi serve`, once it listens, and its port."""
    with open(log, 'ab') as file:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=file, **more)
    line = process.stdout.readline().decode()
    match = re.fullmatch(r'orgapi: http://127\.0\.0\.1:(\d+)/admin\n', line)
    if not match:
        process.kill()
        raise AssertionError(f'it printed {line!r}, and logged: {log.read_text()[-500:]}')
    return process, int(match[1])
