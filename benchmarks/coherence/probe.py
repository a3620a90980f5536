"""Concurrent reads and writes of a few users against one variant, every read checked exactly.

The clients and the checker are those of ``fivefold verify``; nothing is broken here on purpose. A
read that began after a write was acknowledged must show it.
"""

import time
from collections.abc import Sequence

from benchmarks.coherence.clients import Client, Load, User, register, running_clients
from benchmarks.coherence.history import History
from benchmarks.coherence.summary import summarize
from benchmarks.storage.records import Coherence

USERS, CLIENTS = 2, 6
"""Few users, so that requests for the same one collide."""
MOST_OPERATIONS = 50_000
"""After so many operations a probe ends early; they are all kept in memory."""
LEAST_WRITES = 10
"""Without writes nothing can be stale: a slow variant gets longer, up to ``LONGEST`` times."""
LONGEST = 5

_LOOK_S = 0.05


def probe(variant: str, url: str, *, seconds: float, seed: int) -> Coherence:
    """Create accounts of its own, have clients collide on them for a while, check every read.

    Raises ``StackError`` when the variant refuses to register or to log in, ``ClientError`` when it
    does not answer at all.
    """
    users = [User(number) for number in range(USERS)]
    register(users, url)
    with running_clients(Load(urls=[url], users=users, seed=seed), CLIENTS) as clients:
        _wait(clients, seconds)
    history = History(operations=[each for client in clients for each in client.operations])
    return judge(history, variant=variant)


def judge(history: History, *, variant: str) -> Coherence:
    """Check every read of a history without faults and count what is wrong."""
    found = summarize(history)
    return Coherence(
        variant=variant,
        seconds=found.seconds,
        reads=found.reads,
        hits=found.hits,
        writes=sum(not each.is_read and each.answered for each in history.operations),
        stale=found.stale + found.revoked_accepted,
        backwards=found.backwards,
        impossible=found.impossible,
        errors=found.errors + found.unanswered,
        first=found.first_violation,
    )


def _wait(clients: Sequence[Client], seconds: float) -> None:
    started_at = time.monotonic()
    while (elapsed_s := time.monotonic() - started_at) < LONGEST * seconds:
        # Clients only ever append.
        operations = [each for client in clients for each in tuple(client.operations)]
        writes = sum(not each.is_read for each in operations)
        if len(operations) >= MOST_OPERATIONS or (elapsed_s >= seconds and writes >= LEAST_WRITES):
            return
        if any(client.error is not None for client in clients):
            return
        time.sleep(_LOOK_S if elapsed_s >= seconds else min(_LOOK_S, seconds - elapsed_s))
