"""What docs/proof.md counts: how deep to go, how often something was tried, and what was left out.

TOKENVAULT_PROOF=full goes all the way; without it a test takes the slice that an ordinary run has time for, and says
what that leaves out. The matrix of tests/run.sh collects both kinds of lines.
"""
import os


def full():
    return os.environ.get('TOKENVAULT_PROOF') == 'full'


def tried(what, count, failures=0):
    """Only for what was done: a count that nobody made proves nothing."""
    print(f'tried: {what}: {count} tries, {failures} failures', flush=True)


def left_out(what):
    print(f'left out: {what}', flush=True)


def sample(points, wanted):
    """All points in a full run; else about `wanted` of them, the first, the last and evenly between."""
    points = list(points)
    if full() or len(points) <= wanted:
        return points
    step = (len(points) - 1) / max(wanted - 1, 1)
    return [points[round(n * step)] for n in range(wanted)]
