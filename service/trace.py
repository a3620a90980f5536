"""What one request did below the routes: time per dependency and the outcome of each slot.

The trace travels in a context variable, so that no port carries it. Outside a request (start-up,
benchmarks of one layer) a trace that nobody reads takes the figures.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import perf_counter

from service.domain import CachedValue

HIT = "hit"
MISS = "fwd=miss"
CORRUPT = "fwd=miss; detail=corrupt"
OFF = "fwd=bypass; detail=off"
UNAVAILABLE = "fwd=bypass; detail=unavailable"
COLLAPSED = "fwd=miss; collapsed"
PAGED = "fwd=bypass; detail=paged"


def miss(detail: str) -> str:
    """Return the outcome of a slot that the cache did not hold."""
    return f"fwd=miss; detail={detail}"


def bypass(detail: str) -> str:
    """Return the outcome of a slot that the cache was not asked for."""
    return f"fwd=bypass; detail={detail}"


def reason(outcome: str) -> str:
    """Return the last word of an outcome: ``hit``, or why the cache did not answer."""
    return outcome.rpartition("; ")[2].rpartition("=")[2]


def summary(outcomes: Iterable[str]) -> str:
    """Return one word for all slots of an answer.

    ``hit`` and ``bypass`` say it of every slot, ``partial`` of an answer with a hit and something
    else, ``none`` of one that read no slot; the rest are a ``miss``.
    """
    words = {each.partition(";")[0] for each in outcomes}
    if not words:
        return "none"
    if "hit" in words:
        return "hit" if len(words) == 1 else "partial"
    return "bypass" if words == {"fwd=bypass"} else "miss"


class Trace:
    """Collect the spans, in seconds, and the slot outcomes of one request; it has an id, in ASCII.

    ``db_calls`` counts the calls to the database, ``db_waits`` those that have not returned.
    """

    __slots__ = (
        "cache_s",
        "db_calls",
        "db_s",
        "db_since",
        "db_waits",
        "outcomes",
        "request_id",
        "started",
    )

    def __init__(self, request_id: bytes = b"") -> None:
        self.started = perf_counter()
        self.request_id = request_id
        self.cache_s = 0.0
        self.db_s = 0.0
        self.db_since = 0.0
        self.db_waits = 0
        self.db_calls = 0
        self.outcomes: dict[CachedValue, str] = {}

    def cache_status(self) -> str:
        """Render the outcomes as a ``Cache-Status`` value (RFC 9211), payload slot first."""
        return ", ".join(
            f"{slot}; {outcome}"
            for slot, outcome in sorted(self.outcomes.items(), key=lambda item: item[0])
        )

    def server_timing(self) -> str:
        """Render the spans as a ``Server-Timing`` value, in milliseconds."""
        app_s = perf_counter() - self.started - self.cache_s - self.db_s
        return (
            f"cache;dur={self.cache_s * 1e3:.3f}, db;dur={self.db_s * 1e3:.3f}, "
            f"app;dur={max(app_s, 0.0) * 1e3:.3f}"
        )


_current: ContextVar[Trace] = ContextVar("trace")


def begin(request_id: bytes = b"") -> Trace:
    """Open the trace of a new request in the running context."""
    trace = Trace(request_id)
    _current.set(trace)
    return trace


def current() -> Trace:
    """Return the trace of the running request, or one that nobody reads."""
    return _current.get(None) or Trace()


def outcome(slot: CachedValue, what: str) -> None:
    """Record how a slot was answered."""
    current().outcomes[slot] = what


@contextmanager
def database_span() -> Iterator[None]:
    """Count the enclosed wait as time spent on the database; waits that overlap count once."""
    trace = current()
    if not trace.db_waits:
        trace.db_since = perf_counter()
    trace.db_waits += 1
    trace.db_calls += 1
    try:
        yield
    finally:
        trace.db_waits -= 1
        if not trace.db_waits:
            trace.db_s += perf_counter() - trace.db_since
