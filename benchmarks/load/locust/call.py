"""What is known of a request beside what Locust knows; it travels in the request's context."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.load.variant_schedule import Turn, target_of
from benchmarks.scenarios.base import Scenario

KEY = "fivefold"


@dataclass(slots=True, kw_only=True)
class Call:
    """One request of a scenario. Moments are those of the run's clock, in seconds.

    ``intended_s`` is None where it is the moment at which the request was sent. ``on_schedule``
    tells that its time counts from the intended start, as in an open loop.
    """

    scenario: Scenario
    turn: Turn
    action: str
    user: int
    session: int
    index: int = 0
    intended_s: float | None = None
    on_schedule: bool = False
    sent_s: float = 0.0
    service_s: float = 0.0
    """From just before the send to the last byte of the body."""

    @property
    def target(self) -> str:
        """Return the variant that is asked."""
        return target_of(self.turn.variant)

    @property
    def name(self) -> str:
        """Return what Locust's tables call it."""
        return f"{self.target}: {self.action}"

    @property
    def context(self) -> Mapping[str, Any]:
        """Return the context that carries it."""
        return {KEY: self}

    @property
    def ended_s(self) -> float:
        """Return when the answer was complete."""
        return self.sent_s + self.service_s

    @property
    def taken_s(self) -> float:
        """Return the time that the user had to wait."""
        if self.on_schedule and self.intended_s is not None:
            return self.ended_s - self.intended_s
        return self.service_s
