"""A span for each command that a request sends to MongoDB."""

from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer, get_current_span
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

_Event = CommandStartedEvent | CommandSucceededEvent | CommandFailedEvent


class CommandSpans(CommandListener):
    """Spans with the attributes of OpenTelemetry's conventions for databases.

    A span says which command on which collection, and never what was asked or answered: that may
    be an e-mail address or a password's hash. What a process does beside its requests, such as
    renewing its lease, has no span.
    """

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._open: dict[object, Span] = {}

    def started(self, event: CommandStartedEvent) -> None:
        """Begin a span below that of the running request."""
        if not get_current_span().is_recording():
            return
        collection = event.command.get(event.command_name)
        attributes: dict[str, str | int] = {
            "db.system.name": "mongodb",
            "db.namespace": event.database_name,
            "db.operation.name": event.command_name,
        }
        name = event.command_name
        if isinstance(collection, str):
            attributes["db.collection.name"] = collection
            name = f"{name} {collection}"
        if event.connection_id is not None:
            address, port = event.connection_id
            attributes["server.address"] = address
            if port is not None:
                attributes["server.port"] = port
        self._open[_key(event)] = self._tracer.start_span(
            name, kind=SpanKind.CLIENT, attributes=attributes
        )

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """End the span."""
        if (span := self._open.pop(_key(event), None)) is not None:
            span.end()

    def failed(self, event: CommandFailedEvent) -> None:
        """End the span as a failure, without what the server said."""
        if (span := self._open.pop(_key(event), None)) is None:
            return
        failure = event.failure
        if "code" in failure:
            span.set_attribute("db.response.status_code", str(failure["code"]))
        kind = failure.get("codeName") or failure.get("errtype") or "_OTHER"
        span.set_attribute("error.type", str(kind))
        span.set_status(StatusCode.ERROR)
        span.end()


def _key(event: _Event) -> object:
    return event.request_id, event.connection_id
