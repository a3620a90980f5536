"""A mix: reads and writes of many users in a random order."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.scenarios.actions import READS, READS_AND_WRITES
from benchmarks.scenarios.base import USUAL, Draw, Operation, Scenario, Setting
from benchmarks.scenarios.popularity import Popularity

READ, WRITE = "list", "complete"
_WRITTEN_AT = re.compile(rb'"updated_at":"[^"]*"')


@dataclass(frozen=True, slots=True)
class Mix:
    """Independent operations: each is a read with the probability ``reads``, else a write."""

    popularity: Popularity
    reads: float = 1.0

    def __call__(self, given: Draw) -> Iterator[Operation]:
        """Draw the operations of a block."""
        choice = self.popularity.choice(given.users, given.rng)
        for _ in range(given.amount):
            if given.rng.random() < self.reads:
                yield Operation(choice.reader(), READ)
            else:
                yield Operation(choice.writer(), WRITE)


def without_instants(body: bytes) -> bytes:
    """Return a body without the moments at which the server wrote what is in it.

    They differ between variants, as each runs the same writes at a time of its own. The revisions
    stay: a list from before a write still differs from one after it. What users wrote cannot look
    like such a field, since quotation marks in a JSON text are escaped.
    """
    return _WRITTEN_AT.sub(b"", body)


def mix_scenario(
    name: str,
    purpose: str,
    mix: Mix,
    *,
    rate: float | None = None,
    setting: Setting = USUAL,
) -> Scenario:
    """Declare the scenario of a mix; ``rate`` is operations per second."""
    writes = mix.reads < 1
    return Scenario(
        name=name,
        purpose=purpose,
        actions=READS_AND_WRITES if writes else READS,
        draw=mix,
        kind="mix",
        changes=frozenset({WRITE}) if writes else frozenset(),
        rate=rate,
        setting=setting,
        comparable=without_instants,
    )
