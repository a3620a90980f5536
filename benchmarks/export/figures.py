"""Numbers as text, the same in every format."""

from collections.abc import Mapping
from typing import Any

MISSING = "-"
_HUNDRED, _TEN = 100, 10


def ms(value: float | None) -> str:
    """Return milliseconds with the digits that a reader can use."""
    if value is None:
        return MISSING
    if value >= _HUNDRED:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= _TEN else f"{value:.2f}"


def span_ms(interval: Mapping[str, Any] | None) -> str:
    """Return a mean in milliseconds with its interval."""
    if interval is None:
        return MISSING
    return f"{ms(interval['centre'])} [{ms(interval['low'])}, {ms(interval['high'])}]"


def times(ratio: float) -> str:
    """Return a ratio as a factor."""
    return f"{ratio:.2f}x"


def bounds(interval: Mapping[str, Any] | None) -> str:
    """Return the interval of a ratio."""
    if interval is None or interval["low"] is None:
        return f"[{MISSING}]"
    return f"[{interval['low']:.2f}, {interval['high']:.2f}]"
