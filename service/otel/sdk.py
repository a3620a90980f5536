"""Spans that leave over OTLP in the background; the only module that imports the SDK."""

import asyncio
import uuid
from collections.abc import Mapping
from threading import Thread

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.pymongo import CommandTracer
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, StatusCode, Tracer, get_current_span
from pymongo.monitoring import CommandFailedEvent, CommandStartedEvent

from service import VERSION
from service.otel.requests import SlotsOnSpan
from service.otel.tracing import Tracing

LAST_EXPORT_S = 2.0
SERVICE_NAME = "fivefold"


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


def tracing(environ: Mapping[str, str]) -> Tracing:
    """Return spans for every part, exported as the environment says.

    The exporter has a thread and a bounded queue of its own: a collector that is slow or gone
    costs spans, not requests.
    """
    provider = TracerProvider(resource=_resource(environ), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    tracer = provider.get_tracer("fivefold", VERSION)

    async def close() -> None:
        # A thread of its own, since the end of the process waits for those of the loop.
        last = Thread(target=provider.shutdown, daemon=True)
        last.start()
        await asyncio.to_thread(last.join, LAST_EXPORT_S)

    return Tracing(
        provider=provider,
        listeners=(commands_of(tracer),),
        middleware=(SlotsOnSpan,),
        close=close,
    )


def _resource(environ: Mapping[str, str]) -> Resource:
    """Return what tells processes apart; what the environment says of it wins."""
    ours = {"service.version": VERSION, "service.instance.id": str(uuid.uuid4())}
    said = environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    if "OTEL_SERVICE_NAME" not in environ and "service.name=" not in said:
        ours["service.name"] = SERVICE_NAME
    return Resource.create({name: text for name, text in ours.items() if f"{name}=" not in said})
