"""What a guard says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """One condition, whether it held, what was seen and, if it did not hold, what to do.

    A guard that names no scenario is about the whole run: where it fails, no figure can be
    trusted.
    """

    name: str
    scenario: str
    regime: str
    passed: bool
    detail: str
    advice: str = ""
