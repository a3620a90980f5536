"""What a check says."""

from dataclasses import dataclass

ALARM = 0.999
"""The confidence that it takes to accuse a service or the machine of having been different.

A run asks it of every case and variant, dozens of times, and one alarm voids all of it: at 95 %
each, runs in which nothing was wrong would be voided again and again.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One condition, whether it held, what was seen and, if it did not hold, what to do.

    A check that names no scenario is about the whole run: where it fails, no figure can be
    trusted.
    """

    name: str
    scenario: str
    regime: str
    passed: bool
    detail: str
    advice: str = ""
