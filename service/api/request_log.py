"""A line in the log for a request: for all of them at DEBUG, else for those that went wrong."""

import logging

import structlog

from service.trace import Trace

SLOW_S = 1.0
FAILED = 500
_UNAVAILABLE = 503


class RequestLog:
    """Writes requests that took ``from_s`` seconds or failed.

    A line costs a quarter of what a cache hit does, so the usual request gets none: the metrics
    count it. The line names a route, never a path or a user.
    """

    def __init__(self, *, every: bool) -> None:
        self.from_s = 0.0 if every else SLOW_S

    def write(self, method: str, route: str, status: int, request: Trace, took_s: float) -> None:
        """Write one finished request."""
        structlog.get_logger().log(
            _level(status, took_s),
            "request",
            method=method,
            route=route,
            status=status,
            duration_ms=round(1e3 * took_s, 3),
            cache_ms=round(1e3 * request.cache_s, 3),
            db_ms=round(1e3 * request.db_s, 3),
            slots={kind.value: outcome for kind, outcome in request.outcomes.items()},
            request_id=request.request_id.decode(),
        )


def _level(status: int, took_s: float) -> int:
    if status == _UNAVAILABLE:
        return logging.WARNING
    if status >= FAILED:
        return logging.ERROR
    return logging.INFO if took_s >= SLOW_S else logging.DEBUG
