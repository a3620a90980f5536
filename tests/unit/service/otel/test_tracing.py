import os
import subprocess
import sys

import pytest

from service.api.reads import Spelling
from service.app import create_app
from service.otel.tracing import is_traced, name_service
from tests.fakes_service import ServiceFakes, fake_backends, make_settings

ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}


@pytest.mark.parametrize(
    ("environ", "traced"),
    [
        (ENDPOINT, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://collector/v1/traces"}, True),
        ({}, False),
        ({"OTEL_SERVICE_NAME": "x", "OTEL_RESOURCE_ATTRIBUTES": "k8s.pod.name=x"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, False),
        (ENDPOINT | {"OTEL_SDK_DISABLED": " True "}, False),
        (ENDPOINT | {"OTEL_TRACES_EXPORTER": "none"}, False),
    ],
)
def test_a_service_is_traced_where_the_environment_says_where_to(
    environ: dict[str, str], *, traced: bool
) -> None:
    assert is_traced(environ) is traced


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({}, "fivefold"),
        ({"OTEL_SERVICE_NAME": "mine"}, "mine"),
        ({"OTEL_RESOURCE_ATTRIBUTES": "service.name=mine,a=b"}, None),
    ],
)
def test_the_environment_may_name_the_service(given: dict[str, str], name: str | None) -> None:
    environ = dict(given)
    name_service(environ)

    assert environ.get("OTEL_SERVICE_NAME") == name


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


def test_a_traced_service_has_one_layer_more_and_every_request_passes_it() -> None:
    app = create_app(make_settings(), fake_backends(ServiceFakes()), traced=True)

    layers = [getattr(layer.cls, "__name__", "") for layer in app.user_middleware]
    assert layers == ["RequestGuard", "SlotsOnSpan"]
    assert isinstance(app.ahead, Spelling)
