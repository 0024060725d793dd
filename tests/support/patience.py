"""Waiting for what another process does, with an end."""
import threading
import time
from pathlib import Path

PATIENCE = 60  # seconds: a process that does not do it must still end the test


def until(probe, what, log=None, patience=PATIENCE):
    """What `probe` gives as soon as it is neither None nor False."""
    end = time.monotonic() + patience
    pause = threading.Event()
    while True:
        found = probe()
        if found is not None and found is not False:
            return found
        assert time.monotonic() < end, what + (f': {tail(log)}' if log else '')
        pause.wait(0.02)


def tail(log):
    return Path(log).read_text(errors='replace')[-500:]
