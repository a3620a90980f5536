"""The operations of simulated users, without end; a scenario is drawn as for any other driver."""

import random
import sys
from collections.abc import Iterator
from itertools import groupby

from benchmarks.scenarios.base import Draw, Operation, Scenario


def operations(scenario: Scenario, *, users: int, seed: int, part: str = "") -> Iterator[Operation]:
    """Yield the operations of one draw that never ends.

    Equal arguments give equal operations, so every variant meets the same ones. ``part`` names
    whose share of the load it is: parts of one seed agree on who is how popular, which is drawn
    before the first operation, and on nothing else. (Were the popular users of every process
    others, all would be about equally popular.)
    """
    rng = random.Random(f"{seed} {scenario.name}")  # noqa: S311 - a workload, not a secret
    drawn = iter(scenario.draw(Draw(users=users, amount=sys.maxsize, turn=0, rng=rng)))
    first = next(drawn)
    if scenario.kind == "session":
        # Nothing of a session is random, and its first operation belongs to it.
        yield first
    rng.seed(f"{seed} {scenario.name} {part}")
    yield from drawn


def sessions(scenario: Scenario, *, seed: int) -> Iterator[tuple[Operation, ...]]:
    """Yield the sessions of one user, who is number 0 of one in them."""
    every = operations(scenario, users=1, seed=seed)
    for _, session in groupby(every, key=lambda operation: operation.session):
        yield tuple(session)
