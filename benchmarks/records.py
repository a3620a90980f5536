"""The raw record: what one request did. Everything published is computed from these."""

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["hit", "miss", "partial", "bypass", "unknown"]
"""What the answer's Cache-Status says; ``partial`` is a hit on some slots only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One request of one session.

    Times are seconds on the harness' monotonic clock, counted from the start of the measurement.
    Sessions are a closed loop, so ``intended_start_s`` is the moment the previous answer was
    complete; an open loop will put its schedule there.
    """

    scenario: str
    regime: str
    observation: int  # one block of every variant makes one observation
    block: int  # counts up over the whole regime, in the order of execution
    variant: str
    session: int  # counts up within the block
    user: int  # the dataset's user, the same in every variant
    index: int  # position in the session, from 0
    outcome: Outcome
    intended_start_s: float
    start_s: float
    duration_s: float  # from just before the send to the last byte of the body
    status: int
    body_hash: str
    db_ms: float | None  # Server-Timing, as the service measured it
    cache_ms: float | None
    app_ms: float | None
