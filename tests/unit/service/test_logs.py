"""A log that is JSON, tells no variables, and costs nobody anything where it cannot be written."""

import io
import json
import logging
import logging.config
import sys
from collections.abc import Iterator
from typing import Any, TextIO

import pytest
import structlog
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    TraceFlags,
    use_span,
)

from service import logs
from service.trace import begin


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    """Leave the loggers of the tests alone."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)
    logging.getLogger("uvicorn").setLevel(logging.NOTSET)
    structlog.reset_defaults()


def listening(stream: TextIO) -> logging.Logger:
    """Return a logger of the standard library whose lines go where structlog's go."""
    logger = logging.Logger("library")  # noqa: LOG001 - one that no other test has
    logger.addHandler(logs.handler("INFO", stream))
    return logger


def lines_of(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


class FullDisk(io.StringIO):
    def write(self, _: str = "") -> int:
        raise OSError(28, "disk full")

    flush = write  # type: ignore[assignment]


def test_who_logs_goes_on_where_a_line_cannot_be_written() -> None:
    library = listening(FullDisk())
    structlog.get_logger().warning("lost")
    library.error("lost as well")

    assert sys.exc_info() == (None, None, None)


def test_a_line_is_one_json_object_whoever_writes_it() -> None:
    stream = io.StringIO()
    library = listening(stream)
    structlog.get_logger().warning("fence not reached", why="two\nlines")
    library.error("cannot %s", "export")
    ours, theirs = lines_of(stream)

    assert (ours["event"], ours["level"], ours["why"]) == (
        "fence not reached",
        "warning",
        "two\nlines",
    )
    assert (theirs["event"], theirs["level"]) == ("cannot export", "error")
    assert theirs["logger"] == "library"
    assert ours["timestamp"].endswith("Z")


def test_a_line_says_to_which_request_and_which_trace_it_belongs() -> None:
    stream = io.StringIO()
    listening(stream)
    structlog.get_logger().info("outside")
    begin(b"abc-1")
    context = SpanContext(0xABC, 1, is_remote=False, trace_flags=TraceFlags(1))
    with use_span(NonRecordingSpan(context)):
        structlog.get_logger().info("inside")
    outside, inside = lines_of(stream)

    assert not {"request_id", "trace_id"} & set(outside)
    assert (inside["request_id"], inside["trace_id"]) == ("abc-1", f"{0xABC:032x}")


def test_an_exception_is_told_without_the_values_of_variables() -> None:
    stream = io.StringIO()
    library = listening(stream)
    password = "first-" + "password"
    try:
        int(f"x{len(password)}")
    except ValueError:
        structlog.get_logger().exception("ours")
        library.exception("theirs")

    assert stream.getvalue().count("ValueError: invalid literal") == 2
    assert password not in stream.getvalue()


@pytest.mark.parametrize(
    ("level", "written"), [("DEBUG", ["connection made", "request"]), ("INFO", [])]
)
def test_the_level_decides_what_is_written_and_other_libraries_stay_quiet_at_any(
    monkeypatch: pytest.MonkeyPatch, level: str, written: list[str]
) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    logging.config.dictConfig(logs.config(level))
    logging.getLogger("pymongo.command").debug("find user@example.com")
    logging.getLogger("uvicorn.error").debug("connection made")
    structlog.get_logger().debug("request")

    assert [line["event"] for line in lines_of(stream)] == written
