"""The shape of a scenario."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Sequential reads of one user, starting from a cold cache."""

    name: str
    purpose: str
    path: str
    reads: int
