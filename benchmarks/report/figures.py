"""Numbers as text, the same in every format."""

from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    # It needs numpy, which takes as long to import as all options to be read.
    from benchmarks.analysis.stats.intervals import Interval

MISSING = "-"
_HUNDRED, _TEN = 100, 10


class Ranged(Protocol):
    """Something with an interval, which may be unknown."""

    @property
    def low(self) -> float | None:
        """Where it begins."""

    @property
    def high(self) -> float | None:
        """Where it ends."""


def ms(value: float | None) -> str:
    """Return milliseconds with the digits that a reader can use."""
    if value is None:
        return MISSING
    if value >= _HUNDRED:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= _TEN else f"{value:.2f}"


def two_decimals(value: float | None) -> str:
    """Return a number with two decimals."""
    return MISSING if value is None else f"{value:.2f}"


def span_ms(interval: "Interval | None") -> str:
    """Return a mean in milliseconds with its interval."""
    if interval is None:
        return MISSING
    return f"{ms(interval.centre)} [{ms(interval.low)}, {ms(interval.high)}]"


def count(number: int) -> str:
    """Return a number with its thousands apart."""
    return f"{number:,}".replace(",", " ")


def times(ratio: float) -> str:
    """Return a ratio as a factor."""
    return f"{factor(ratio)}x"


def factor(ratio: float) -> str:
    """Return a ratio with the digits that a reader can use."""
    return f"{ratio:.0f}" if ratio >= _HUNDRED else f"{ratio:.2f}"


def bounds(interval: Ranged | None) -> str:
    """Return the interval of a ratio."""
    if interval is None or interval.low is None or interval.high is None:
        return f"[{MISSING}]"
    return f"[{factor(interval.low)}, {factor(interval.high)}]"


def significant(value: float, digits: int = 3) -> str:
    """Return a number with so many significant digits and never with an exponent."""
    text = f"{Decimal(f'{value:.{digits - 1}e}'):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
