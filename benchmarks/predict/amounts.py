"""Shares, spans of time and bytes as text."""

from benchmarks.report.figures import count, significant

_STEPS_S = ((86_400, "days"), (3600, "hours"), (60, "minutes"))
_STEPS_BYTES = ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))
_TEN = 10
_NEARLY_ALL, _HARDLY_ANY = 0.9995, 0.0005


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
