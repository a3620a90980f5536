import pytest
from structlog.testing import capture_logs

from service.api.request_log import SLOW_S, RequestLog
from service.domain import CachedValue
from service.outcomes import HIT
from service.trace import Trace


def request() -> Trace:
    trace = Trace(b"abc-1")
    trace.outcomes = {CachedValue.TODOS: HIT}
    trace.cache_s, trace.db_s = 0.0012, 0.25
    return trace


@pytest.mark.parametrize(
    ("status", "took_s", "level"),
    [
        (200, 0.1, "debug"),
        (404, 0.1, "debug"),
        (200, SLOW_S, "info"),
        (500, 0.1, "error"),
        (503, SLOW_S, "warning"),
    ],
)
def test_a_line_is_as_grave_as_what_happened(status: int, took_s: float, level: str) -> None:
    with capture_logs() as lines:
        RequestLog(every=True).write("GET", "/todo/", status, request(), took_s)

    assert [line["log_level"] for line in lines] == [level]


def test_a_line_says_what_was_waited_for_and_how_values_were_answered() -> None:
    with capture_logs() as lines:
        RequestLog(every=True).write("GET", "/todo/", 200, request(), 0.3)

    assert lines == [
        {"log_level": "debug", "event": "request", "request_id": "abc-1"}
        | {"method": "GET", "route": "/todo/", "status": 200, "slots": {"todos": "hit"}}
        | {"duration_ms": 300.0, "cache_ms": 1.2, "db_ms": 250.0}
    ]
