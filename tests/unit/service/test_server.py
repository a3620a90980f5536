"""A log that cannot be written costs nobody anything."""

import io
import sys
from typing import TextIO, cast

import pytest
import structlog

from service.server import Log


class Broken(io.TextIOBase):
    """A stream whose disk is full, or whose reader is gone."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def write(self, text: str) -> int:
        del text
        raise self._error

    def flush(self) -> None:
        raise self._error


def test_what_is_logged_is_written() -> None:
    stream = io.StringIO()
    log = Log(stream)
    log.write("one line\n")
    log.flush()

    assert stream.getvalue() == "one line\n"


@pytest.mark.parametrize("error", [OSError(28, "disk full"), BrokenPipeError(), ValueError()])
def test_who_logs_where_nothing_can_be_written_goes_on(error: Exception) -> None:
    logger = structlog.PrintLogger(cast(TextIO, Log(cast(TextIO, Broken(error)))))
    logger.info("lost")

    assert sys.exc_info() == (None, None, None)
