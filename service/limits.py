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
    """The decision of a rate limiter: ``retry_after_s`` is 0 when the request was admitted.

    ``ticket`` identifies an admitted request, so that it can be given back.
    """

    rule: Rule
    admitted: bool
    remaining: int
    retry_after_s: float = 0.0
    ticket: str = ""
