"""Numbers as text, the same in every format."""

from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # They need numpy, which takes as long to import as all options to be read.
    from benchmarks.analysis.findings import Finding
    from benchmarks.analysis.stats.intervals import Interval

MISSING = "-"
_HUNDRED, _TEN = 100, 10
_STEPS_S = ((86_400, "days"), (3600, "hours"), (60, "minutes"))
_STEPS_BYTES = ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))
_NEARLY_ALL, _HARDLY_ANY = 0.9995, 0.0005


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


def ratio(interval: "Interval | None", otherwise: str = MISSING) -> str:
    """Return a ratio with its interval."""
    return otherwise if interval is None else f"{factor(interval.centre)} {bounds(interval)}"


def faster(interval: "Interval | None", otherwise: str = MISSING) -> str:
    """Return how many times as fast something is, with the interval."""
    return otherwise if interval is None else f"{times(interval.centre)} {bounds(interval)}"


def bounds(interval: "Interval | Finding | None") -> str:
    """Return the interval of a ratio."""
    if interval is None or interval.low is None or interval.high is None:
        return f"[{MISSING}]"
    return f"[{factor(interval.low)}, {factor(interval.high)}]"


def significant(value: float, digits: int = 3) -> str:
    """Return a number with so many significant digits and never with an exponent."""
    text = f"{Decimal(f'{value:.{digits - 1}e}'):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(share: float) -> str:
    """Return a share with as many digits as tell it from all and from nothing."""
    near_an_end = share > _NEARLY_ALL or share < _HARDLY_ANY
    text = f"{share * 100:.{3 if near_an_end else 1}f}"
    return f"{text.rstrip('0').removesuffix('.')} %"


def lifetime(seconds: float) -> str:
    """Return a span of time in its largest unit."""
    for size, unit in _STEPS_S:
        if seconds >= 2 * size:
            return f"{_short(seconds / size)} {unit}"
    return f"{_short(seconds)} seconds"


def size(number: float) -> str:
    """Return bytes in their largest unit."""
    for step, unit in _STEPS_BYTES:
        if number >= step:
            return f"{_short(number / step)} {unit}"
    return f"{number:.0f} bytes"


def rate(per_second: float) -> str:
    """Return a rate with the digits that mean something."""
    return significant(per_second, 6)


def amount(value: float) -> str:
    """Return a number of anything with the digits that mean something."""
    return count(round(value)) if value >= _TEN else significant(value, 2)


def wish(speedup: float) -> str:
    """Return a factor as an option takes it: 5x, 2.5x."""
    return f"{significant(speedup, 6)}x"


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= _TEN else significant(value, 2)


def as_sentence(text: str) -> str:
    """Return an advice as a sentence of its own, nothing for nothing."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('?') else '.'}" if text else ""
