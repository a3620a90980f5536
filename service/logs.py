"""The log: one JSON object a line.

``docs/observability.md`` lists the fields. What is never in it: tokens, e-mail addresses, bodies,
query strings, addresses with a password in them. So other libraries stay at WARNING, whatever
``LOG_LEVEL`` says: at DEBUG PyMongo writes every document down.
"""

import logging
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, TextIO, cast

import structlog
from opentelemetry.trace import get_current_span
from structlog.typing import EventDict, Processor, WrappedLogger

from service.trace import current

LEVELS_OF_OTHERS = "WARNING"


class Log:
    """A text stream that drops what it cannot write.

    The code that logs is in the middle of something: a full disk or a reader that went away must
    not fail a request, or end the task that renews the lease.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        """Write a line, or not."""
        with suppress(OSError, ValueError):
            self._stream.write(text)

    def flush(self) -> None:
        """Send on what was written, or not."""
        with suppress(OSError, ValueError):
            self._stream.flush()


def config(level: str) -> dict[str, Any]:
    """Return a configuration for ``logging.config``, which sets up structlog as well.

    Uvicorn applies it in each of its processes, before the application is made there.
    """
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "handlers": {"log": {"()": "service.logs.handler", "level_name": level}},
        "root": {"handlers": ["log"], "level": LEVELS_OF_OTHERS},
        "loggers": {"uvicorn": {"level": level}},
    }


def handler(level_name: str, stream: TextIO | None = None) -> logging.Handler:
    """Send what structlog gets from ``level_name`` on, and what this gets, to one stream."""
    log = cast(TextIO, Log(stream or sys.stderr))
    shared: Sequence[Processor] = (
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _identified,
    )
    # Never with the local variables of a traceback: those hold secrets.
    rendering = structlog.processors.format_exc_info, structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[*shared, *rendering],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level_name]
        ),
        logger_factory=structlog.PrintLoggerFactory(log),
    )
    made = logging.StreamHandler(log)
    made.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
        )
    )
    return made


def _identified(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Say which request, and which trace, a line belongs to, if to any."""
    if request_id := current().request_id:
        event["request_id"] = request_id.decode()
    span = get_current_span().get_span_context()
    if span.is_valid:
        event["trace_id"] = f"{span.trace_id:032x}"
    return event
