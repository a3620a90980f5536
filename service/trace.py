"""One request below the routes: the time of each dependency and the outcome of each value.

Outcomes are hit, miss or bypass, in the words of ``Cache-Status`` (RFC 9211).

The trace travels in a context variable, so that no port carries it. Outside a request (start-up,
benchmarks of one layer) a trace that is thrown away takes the figures.
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


class Trace:
    """Collect one request's spans, in seconds, and outcomes; it has an id, in ASCII.

    ``tells_total_only`` keeps to itself what it waited for. ``db_calls`` counts the calls to the
    database, ``db_waits`` those that have not returned.
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
        "tells_total_only",
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
        self.tells_total_only = False

    def server_timing(self) -> bytes:
        """Render the spans as a ``Server-Timing`` value, in milliseconds.

        Which part took how long says who has an account, so some requests tell the total only.
        """
        cache_s, db_s = (0.0, 0.0) if self.tells_total_only else (self.cache_s, self.db_s)
        app_s = perf_counter() - self.started - cache_s - db_s
        return b"cache;dur=%.3f, db;dur=%.3f, app;dur=%.3f" % (
            cache_s * 1e3,
            db_s * 1e3,
            max(app_s, 0.0) * 1e3,
        )


_current: ContextVar[Trace] = ContextVar("trace")


def begin(request_id: bytes = b"") -> Trace:
    """Open the trace of a new request in the running context."""
    trace = Trace(request_id)
    _current.set(trace)
    return trace


def current() -> Trace:
    """Return the trace of the running request, or one that is thrown away."""
    return _current.get(None) or Trace()


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
