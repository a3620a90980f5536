"""Hit, miss or bypass for each value of an answer, in the words of ``Cache-Status`` (RFC 9211)."""

from collections.abc import Iterable

from service.domain import CachedValue

HIT = "hit"
MISS = "fwd=miss"
CORRUPT = "fwd=miss; detail=corrupt"
OFF = "fwd=bypass; detail=off"
UNAVAILABLE = "fwd=bypass; detail=unavailable"
COLLAPSED = "fwd=miss; collapsed"
PAGED = "fwd=bypass; detail=paged"
TOO_LARGE = "fwd=bypass; detail=too-large"


def miss(detail: str) -> str:
    """Return the outcome of a cached value that the cache did not hold."""
    return f"fwd=miss; detail={detail}"


def bypass(detail: str) -> str:
    """Return the outcome of a cached value that the cache was not asked for."""
    return f"fwd=bypass; detail={detail}"


def cache_status(outcomes: Iterable[tuple[CachedValue, str]]) -> str:
    """Render outcomes as a ``Cache-Status`` value (RFC 9211), payload first."""
    return ", ".join(f"{kind}; {outcome}" for kind, outcome in sorted(outcomes))


def summary(outcomes: Iterable[str]) -> str:
    """Return one word for all cached values of an answer.

    ``hit`` and ``bypass`` say it of every one, ``partial`` of an answer with a hit and something
    else, ``none`` of one that read no cached value; the rest are a ``miss``.
    """
    words = {each.partition(";")[0] for each in outcomes}
    if not words:
        return "none"
    if "hit" in words:
        return "hit" if len(words) == 1 else "partial"
    return "bypass" if words == {"fwd=bypass"} else "miss"
