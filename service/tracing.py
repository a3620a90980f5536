"""Spans of commands to MongoDB; only a service that is traced imports this.

Requests are FastAPI's own spans. Redis has none: a hit is a request without a span below it.
"""

from collections.abc import Sequence

from opentelemetry.instrumentation.pymongo import CommandTracer
from opentelemetry.trace import Span, StatusCode, Tracer, get_current_span
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent


class CommandSpans(CommandTracer):
    """PyMongo's instrumentation, for the commands of requests alone.

    What a process does beside its requests has no span: renewing its lease would be three a second.
    """

    def started(self, event: CommandStartedEvent) -> None:
        """Begin a span below that of the running request."""
        if get_current_span().is_recording():
            super().started(event)


def listeners(tracer: Tracer) -> Sequence[CommandListener]:
    """Return what PyMongo is to call; neither questions nor answers are in the spans."""
    return (CommandSpans(tracer, failed_hook=_forget_text),)


def _forget_text(span: Span, _: CommandFailedEvent) -> None:
    # The server's words may quote an e-mail address.
    span.set_status(StatusCode.ERROR)
