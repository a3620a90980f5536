from datetime import timedelta

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode, Tracer
from pymongo.monitoring import CommandFailedEvent, CommandStartedEvent

from service.otel.commands import commands_of

AT = ("127.0.0.1", 27017)
EMAIL = "ada@example.com"
STARTED = CommandStartedEvent({"find": "users", "filter": {"email": EMAIL}}, "fivefold", 1, AT, 1)
FAILURE = {"ok": 0, "errmsg": f'dup key: {{ email: "{EMAIL}" }}', "codeName": "DuplicateKey"}
FAILED = CommandFailedEvent(timedelta(), FAILURE, "find", 1, AT, 1)


@pytest.fixture
def kept() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def tracer(kept: InMemorySpanExporter) -> Tracer:
    """Return a tracer whose spans are kept."""
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(kept))
    return provider.get_tracer("tests")


def fail(tracer: Tracer) -> None:
    """Have a command fail."""
    spans = commands_of(tracer)
    spans.started(STARTED)
    spans.failed(FAILED)


def test_a_command_that_failed_has_a_span_without_what_was_asked_and_answered(
    tracer: Tracer, kept: InMemorySpanExporter
) -> None:
    with tracer.start_as_current_span("request"):
        fail(tracer)
    span = kept.get_finished_spans()[0]

    assert (span.name, span.status.status_code) == ("fivefold.find", StatusCode.ERROR)
    assert EMAIL not in span.to_json()


def test_what_is_done_beside_requests_has_no_span(
    tracer: Tracer, kept: InMemorySpanExporter
) -> None:
    fail(tracer)

    assert kept.get_finished_spans() == ()
