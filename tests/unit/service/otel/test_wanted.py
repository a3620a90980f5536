import importlib.util
import logging
import threading
from importlib.machinery import ModuleSpec

import pytest

from service.config import ConfigurationError
from service.otel import wanted as module
from service.otel.wanted import require_tracing, wanted

ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}


@pytest.mark.parametrize(
    "environ",
    [
        ENDPOINT,
        {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://collector/v1/traces"},
        {"OTEL_TRACES_EXPORTER": "otlp"},
        ENDPOINT | {"OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf", "OTEL_SDK_DISABLED": "false"},
    ],
)
def test_traces_are_wanted_where_somebody_says_where_to(environ: dict[str, str]) -> None:
    assert wanted(environ)


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"OTEL_SERVICE_NAME": "x", "OTEL_RESOURCE_ATTRIBUTES": "k8s.pod.name=x"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": ""},
        ENDPOINT | {"OTEL_SDK_DISABLED": "true"},
        ENDPOINT | {"OTEL_SDK_DISABLED": " True "},
        ENDPOINT | {"OTEL_TRACES_EXPORTER": "none"},
    ],
)
def test_traces_are_not_wanted_otherwise(environ: dict[str, str]) -> None:
    assert not wanted(environ)


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"OTEL_TRACES_EXPORTER": "zipkin"}, "OTEL_TRACES_EXPORTER: takes otlp or none"),
        (
            ENDPOINT | {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
            "OTEL_EXPORTER_OTLP_PROTOCOL: takes http/protobuf",
        ),
        (
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4318"},
            "OTEL_EXPORTER_OTLP_ENDPOINT: takes an http or https URL",
        ),
        *(
            (
                {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": url},
                "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: takes an http or https URL",
            )
            for url in (
                "http://[x",
                "http://a:port/",
                "http://a:99999",
                "http://a:0",
                "http://a..b/",
            )
        ),
    ],
)
def test_what_cannot_be_done_is_said_by_name(environ: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        wanted(environ)

    assert str(error.value) == said


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("OTEL_BSP_MAX_QUEUE_SIZE", "0", "max_queue_size must be a positive integer"),
        ("OTEL_BSP_SCHEDULE_DELAY", "-1", "schedule_delay_millis must be positive"),
        ("OTEL_SPAN_LINK_COUNT_LIMIT", "-1", "OTEL_SPAN_LINK_COUNT_LIMIT must be a non-negative"),
    ],
)
def test_what_the_sdk_refuses_is_said_in_its_words(
    name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as error:
        require_tracing(ENDPOINT)

    [line] = str(error.value).splitlines()
    assert line.startswith(f"OTEL_*: OpenTelemetry's SDK says: {said}")
    assert line.endswith("; correct or unset that variable")


def test_what_can_be_done_leaves_no_thread_and_logging_as_it_was() -> None:
    threads, logger = set(threading.enumerate()), logging.getLogger("opentelemetry")
    require_tracing(ENDPOINT)

    assert set(threading.enumerate()) <= threads
    assert logger.isEnabledFor(logging.WARNING)


@pytest.mark.parametrize("missing", ["opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http"])
def test_without_the_packages_the_extra_is_named(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find_spec(name: str) -> ModuleSpec | None:
        if name == missing:
            raise ModuleNotFoundError(name)
        return importlib.util.find_spec(name)

    monkeypatch.setattr(module, "find_spec", find_spec)
    with pytest.raises(
        ConfigurationError, match=r"OTEL_EXPORTER_OTLP_ENDPOINT: .*fivefold\[otel\]"
    ):
        wanted(ENDPOINT)

    assert not wanted({})
