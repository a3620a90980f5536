"""Which faults strike, in which order, for how long: drawn from a seed, known before the run."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

# From the start of a fault to the start of the next. A fault that closes the fence takes the cache
# away for two seconds, and without a cache there is nothing to get wrong: longer after those.
_AFTER_MILD_S = (1.7, 2.1)
_AFTER_HARD_S = (2.8, 3.8)
CALM_S = 0.8
"""How long nothing is broken, at least, after a fault was undone."""


class Fault(StrEnum):
    """Every kind of fault, in the words of the report."""

    KILL = "redis killed, back empty"
    ROLLBACK = "redis killed, back from an old dump"
    STOP_SHORT = "redis stopped for 0.1 s"
    STOP = "redis stopped for 1 s"
    STOP_LONG = "redis stopped for 3 s"
    SLOW = "redis 10 ms away"
    FLUSH = "redis flushed"
    EVICT = "redis out of memory"
    PAUSE = "redis pauses its clients"
    DROP_REQUESTS = "requests to redis lost"
    DROP_REPLIES = "replies of redis lost"
    HOLD = "requests to redis delivered late"
    RESET = "connections to redis reset"
    REFUSE = "connections to redis refused"
    WORKER_STOP = "service process stopped for 1.5 s"
    WORKER_KILL = "service process killed, started again"
    FLAG = "cache switched off and on"


@dataclass(frozen=True, slots=True)
class _Kind:
    holds_s: tuple[float, float]
    aim: Literal["redis", "path", "worker"] = "redis"
    mild: bool = False


KINDS: dict[Fault, _Kind] = {
    Fault.KILL: _Kind((0.1, 0.8)),
    Fault.ROLLBACK: _Kind((0.4, 1.0)),
    Fault.STOP_SHORT: _Kind((0.1, 0.1), mild=True),
    Fault.STOP: _Kind((1.0, 1.0)),
    Fault.STOP_LONG: _Kind((3.0, 3.0)),
    Fault.SLOW: _Kind((0.3, 1.5), aim="path", mild=True),
    Fault.FLUSH: _Kind((0.0, 0.0), mild=True),
    Fault.EVICT: _Kind((0.3, 0.8), mild=True),
    Fault.PAUSE: _Kind((0.2, 1.5)),
    Fault.DROP_REQUESTS: _Kind((0.2, 1.0), aim="path"),
    Fault.DROP_REPLIES: _Kind((0.2, 1.0), aim="path"),
    Fault.HOLD: _Kind((0.2, 1.5), aim="path"),
    Fault.RESET: _Kind((0.0, 0.5), aim="path", mild=True),
    Fault.REFUSE: _Kind((0.2, 1.0), aim="path"),
    Fault.WORKER_STOP: _Kind((1.5, 1.5), aim="worker", mild=True),
    Fault.WORKER_KILL: _Kind((0.0, 0.3), aim="worker", mild=True),
    Fault.FLAG: _Kind((0.2, 0.8), mild=True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A fault to come.

    ``worker`` is whom it strikes: a service process, the path of one to Redis, or ``None`` for
    Redis itself or every path to it. ``every_s`` is how long after its start the next may begin.
    """

    fault: Fault
    hold_s: float
    every_s: float
    worker: int | None


def plan(*, seed: int, workers: int, faults: Sequence[Fault] = tuple(KINDS)) -> Iterator[Planned]:
    """Yield faults without end: each of them once in random order, then again in another order."""
    rng = random.Random(f"nemesis {seed}")  # noqa: S311 - a plan, no secret
    deck = list(faults)
    while True:
        rng.shuffle(deck)
        for fault in deck:
            kind = KINDS[fault]
            hold_s = rng.uniform(*kind.holds_s)
            one = rng.randrange(workers)
            # Half the time all paths to Redis break, half the time one process is cut off.
            struck = kind.aim == "worker" or (kind.aim == "path" and rng.random() < 0.5)  # noqa: PLR2004
            yield Planned(
                fault=fault,
                hold_s=hold_s,
                every_s=rng.uniform(*(_AFTER_MILD_S if kind.mild else _AFTER_HARD_S)),
                worker=one if struck else None,
            )
