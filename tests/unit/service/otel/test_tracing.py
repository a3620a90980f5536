import asyncio
import os
import subprocess
import sys
from threading import Event

import pytest
from opentelemetry.sdk.trace import TracerProvider

from service.api.spelling import Spelling
from service.app import create_app
from service.otel import sdk
from service.otel.sdk import _resource
from service.otel.tracing import OFF
from service.otel.wanted import tracing_of
from tests.fakes_service import ServiceFakes, fake_backends, make_settings

ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}


def test_off_is_nothing_at_all() -> None:
    assert tracing_of({}) is tracing_of(ENDPOINT | {"OTEL_SDK_DISABLED": "true"}) is OFF
    assert OFF.of_requests()["tracing"] is False
    assert (OFF.provider, tuple(OFF.listeners), tuple(OFF.middleware)) == (None, (), ())


def test_a_service_that_does_not_trace_imports_no_exporter() -> None:
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


def test_a_traced_service_has_one_layer_more_and_every_request_passes_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", ENDPOINT["OTEL_EXPORTER_OTLP_ENDPOINT"])
    tracing = tracing_of(ENDPOINT)
    app = create_app(make_settings(), fake_backends(ServiceFakes()), tracing=tracing)

    layers = [getattr(layer.cls, "__name__", "") for layer in app.user_middleware]
    assert layers == ["RequestGuard", "SlotsOnSpan"]
    assert isinstance(app.ahead, Spelling)


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({}, "fivefold"),
        ({"OTEL_SERVICE_NAME": "mine"}, "mine"),
        ({"OTEL_RESOURCE_ATTRIBUTES": "service.name=mine,a=b"}, "mine"),
    ],
)
def test_the_environment_may_name_the_service(
    environ: dict[str, str], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key, value in environ.items():
        monkeypatch.setenv(key, value)

    assert _resource(environ).attributes["service.name"] == name


async def test_the_end_of_the_service_waits_only_briefly_for_the_last_spans(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, forever = Event(), Event()

    def shutdown(_: object) -> None:
        asked.set()
        forever.wait()

    monkeypatch.setattr(sdk, "LAST_EXPORT_S", 0.01)
    monkeypatch.setattr(TracerProvider, "shutdown", shutdown)
    try:
        await asyncio.wait_for(tracing_of(ENDPOINT).close(), 60)
    finally:
        forever.set()

    assert asked.is_set()
