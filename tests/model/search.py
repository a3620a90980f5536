"""Breadth-first search of every world that can be reached; its counterexamples are shortest."""

import gc
from collections import deque
from dataclasses import dataclass

from tests.model.cache import server_steps
from tests.model.fence import birth_steps, lease_steps, operator_steps, recovery_steps
from tests.model.reader import reader_steps
from tests.model.rules import Rules, Setup
from tests.model.state import Stale, Steps, World
from tests.model.tidy import tidied
from tests.model.writer import writer_steps

_Parents = dict[World, tuple[World, str] | None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many worlds were reached, and the schedule of the first violation, if any."""

    states: int
    trace: tuple[str, ...] = ()

    @property
    def safe(self) -> bool:
        """Tell whether every read of every world was right."""
        return not self.trace


def search(setup: Setup, rules: Rules | None = None) -> Outcome:
    """Visit every world within these bounds, or stop at the first violation."""
    # A search makes millions of tuples and no cycle; looking for cycles would take a third of it.
    gc.disable()
    try:
        return _search(setup, rules or Rules())
    finally:
        gc.enable()


def _search(setup: Setup, rules: Rules) -> Outcome:
    first = setup.first_world()
    parents: _Parents = {first: None}
    queue = deque([first])
    while queue:
        world = queue.popleft()
        try:
            for label, reached in _steps(world, setup, rules):
                after = tidied(reached, setup, rules)
                count = len(parents)
                parents.setdefault(after, (world, label))
                if len(parents) > count and _undecided(after):
                    queue.append(after)
        except Stale as violation:
            return Outcome(len(parents), (*_path(parents, world), str(violation)))
    return Outcome(len(parents))


def _steps(world: World, setup: Setup, rules: Rules) -> Steps:
    for number in range(len(world.readers)):
        yield from reader_steps(world, setup, rules, number)
    for number in range(len(world.writers)):
        yield from writer_steps(world, setup, rules, number)
    yield from server_steps(world, rules)
    yield from birth_steps(world, setup, rules)
    yield from recovery_steps(world, setup, rules)
    yield from operator_steps(world, setup)
    yield from lease_steps(world)


def _undecided(world: World) -> bool:
    """Tell whether the cache may still answer a read; nothing else can be violated."""
    return any(reader.at in ("idle", "get", "missed", "acquire") for reader in world.readers)


def _path(parents: _Parents, world: World) -> tuple[str, ...]:
    labels: list[str] = []
    while (step := parents[world]) is not None:
        world, label = step
        labels.append(label)
    return tuple(reversed(labels))
