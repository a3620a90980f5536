"""Rate limits: the rule and the decision."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """At most ``limit`` requests in any ``window_s`` seconds."""

    name: str
    limit: int
    window_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The decision of a rate limiter.

    One more place is free in ``free_in_s``, whether the request was admitted or not. ``ticket``
    identifies one that was, so that its place can be given back.
    """

    rule: Rule
    admitted: bool
    remaining: int
    free_in_s: float = 0.0
    ticket: str = ""
