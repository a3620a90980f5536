"""A service that is not traced pays nothing, and spans tell no secret."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent

from service.app import _listeners
from service.tracing import listeners

ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
AT = ("127.0.0.1", 27017)
EMAIL = "ada@example.com"
STARTED = CommandStartedEvent({"find": "users", "filter": {"email": EMAIL}}, "fivefold", 1, AT, 1)
FAILURE = {"ok": 0, "errmsg": f'dup key: {{ email: "{EMAIL}" }}', "codeName": "DuplicateKey"}
FAILED = CommandFailedEvent(timedelta(), FAILURE, "find", 1, AT, 1)


def test_a_command_that_failed_has_a_span_without_what_was_asked_and_answered() -> None:
    kept, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(kept))
    tracer = provider.get_tracer("tests")
    [spans] = listeners(tracer)
    assert isinstance(spans, CommandListener)
    with tracer.start_as_current_span("request"):
        spans.started(STARTED)
        spans.failed(FAILED)
    span = kept.get_finished_spans()[0]

    assert (span.name, span.status.status_code) == ("fivefold.find", StatusCode.ERROR)
    assert EMAIL not in span.to_json()


def test_a_service_that_is_not_traced_imports_no_exporter() -> None:
    code = (
        "import sys; from service.app import from_environment; app = from_environment(); "
        "print([m.cls.__name__ for m in app.user_middleware], app.ahead, *sys.modules)"
    )
    settings = {"ENVIRONMENT": "development", "PATH": os.environ["PATH"]}
    loaded = subprocess.run(
        [sys.executable, "-c", code],
        env=settings | ENDPOINT | {"OTEL_SDK_DISABLED": "true"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert "['RequestGuard'] <service.api.reads.BusyReads" in loaded
    # redis-py loads the half of the SDK that makes metrics wherever it is installed.
    assert "opentelemetry.sdk.trace" not in loaded
    assert "opentelemetry.exporter" not in loaded
    assert "service.adapters.redis.cluster" not in loaded


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({}, "fivefold"),
        ({"OTEL_SERVICE_NAME": "mine"}, "mine"),
        ({"OTEL_RESOURCE_ATTRIBUTES": "service.name=mine,a=b"}, None),
    ],
)
def test_the_environment_may_name_the_service(
    given: dict[str, str], name: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "environ", dict(given))
    _listeners()

    assert os.environ.get("OTEL_SERVICE_NAME") == name
