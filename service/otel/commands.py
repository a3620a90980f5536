"""Spans of commands to MongoDB."""

from opentelemetry.instrumentation.pymongo import CommandTracer
from opentelemetry.trace import Span, StatusCode, Tracer, get_current_span
from pymongo.monitoring import CommandFailedEvent, CommandStartedEvent


class CommandSpans(CommandTracer):
    """PyMongo's instrumentation, for the commands of requests alone.

    What a process does beside its requests has no span: renewing its lease would be three a second.
    """

    def started(self, event: CommandStartedEvent) -> None:
        """Begin a span below that of the running request."""
        if get_current_span().is_recording():
            super().started(event)


def commands_of(tracer: Tracer) -> CommandSpans:
    """Return the listener that makes the spans, with neither questions nor answers in them."""
    return CommandSpans(tracer, failed_hook=_forget_text)


def _forget_text(span: Span, _: CommandFailedEvent) -> None:
    # The server's words may quote an e-mail address.
    span.set_status(StatusCode.ERROR)
