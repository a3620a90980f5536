"""Breadth-first search of every state that can be reached; its counterexamples are shortest."""

import gc
from collections import deque
from dataclasses import dataclass

from tests.model.cache import server_steps
from tests.model.fence import birth_steps, lease_steps, operator_steps, recovery_steps
from tests.model.reader import reader_steps
from tests.model.rules import Rules, Setup
from tests.model.state import GlobalState, Stale, Steps
from tests.model.writer import writer_steps

_Parents = dict[GlobalState, tuple[GlobalState, str] | None]


@dataclass(frozen=True, slots=True)
class SearchOutcome:
    """How many states were reached, and the schedule of the first violation, if any."""

    states: int
    trace: tuple[str, ...] = ()

    @property
    def safe(self) -> bool:
        """Tell whether every read of every state was right."""
        return not self.trace


def search(setup: Setup, rules: Rules | None = None) -> SearchOutcome:
    """Visit every state within these bounds, or stop at the first violation."""
    # A search makes millions of tuples and no cycle; looking for cycles would take a third of it.
    gc.disable()
    try:
        return _search(setup, rules or Rules())
    finally:
        gc.enable()


def _search(setup: Setup, rules: Rules) -> SearchOutcome:
    first = setup.first_world()
    parents: _Parents = {first: None}
    queue = deque([first])
    while queue:
        state = queue.popleft()
        try:
            for label, after in _steps(state, setup, rules):
                count = len(parents)
                parents.setdefault(after, (state, label))
                if len(parents) > count and _undecided(after):
                    queue.append(after)
        except Stale as violation:
            return SearchOutcome(len(parents), (*_path(parents, state), str(violation)))
    return SearchOutcome(len(parents))


def _steps(state: GlobalState, setup: Setup, rules: Rules) -> Steps:
    for number in range(len(state.readers)):
        yield from reader_steps(state, setup, rules, number)
    for number in range(len(state.writers)):
        yield from writer_steps(state, setup, rules, number)
    yield from server_steps(state, rules)
    yield from birth_steps(state, setup, rules)
    yield from recovery_steps(state, setup, rules)
    yield from operator_steps(state, setup)
    yield from lease_steps(state)


def _undecided(state: GlobalState) -> bool:
    """Tell whether the cache may still answer a read; nothing else can be violated."""
    return any(reader.at in ("idle", "get", "missed", "acquire") for reader in state.readers)


def _path(parents: _Parents, state: GlobalState) -> tuple[str, ...]:
    labels: list[str] = []
    while (step := parents[state]) is not None:
        state, label = step
        labels.append(label)
    return tuple(reversed(labels))
