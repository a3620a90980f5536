"""Whether a service is traced, and what FastAPI and PyMongo are to do then.

https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
"""

from collections.abc import Mapping, MutableMapping, Sequence

from fastapi.telemetry import TelemetryConfig
from opentelemetry.trace import get_tracer
from pymongo.monitoring import CommandListener
from starlette.types import Scope

from service import VERSION

NAME = "fivefold"
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_NOT_TRACED = frozenset(("/healthz", "/readyz", "/metrics"))


def is_traced(environ: Mapping[str, str]) -> bool:
    """Tell whether the environment names where to send traces."""
    off = environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    none = environ.get("OTEL_TRACES_EXPORTER", "").strip() == "none"
    return any(map(environ.get, _ENDPOINTS)) and not (off or none)


def name_service(environ: MutableMapping[str, str]) -> None:
    """Let the environment name the service for the SDK, if it does not yet."""
    if "service.name=" not in environ.get("OTEL_RESOURCE_ATTRIBUTES", ""):
        environ.setdefault("OTEL_SERVICE_NAME", NAME)


def of_requests(*, traced: bool) -> TelemetryConfig:
    """Return what FastAPI is to do: export a span for each request, or nothing.

    Never logs or metrics: its logs hold the messages of exceptions.
    """
    return {
        "auto_configure": traced,
        "tracing": traced,
        "operation_spans": False,
        "metrics": False,
        "logs": False,
        "exclude": _of_operations,
    }


def of_commands() -> Sequence[CommandListener]:
    """Return what PyMongo is to call, if the packages are there; FastAPI warns if they are not."""
    try:
        # Importing it takes time and memory, which only a traced service is to pay.
        from service.otel.commands import commands_of  # noqa: PLC0415
    except ImportError:
        return ()
    return (commands_of(get_tracer(NAME, VERSION)),)


def _of_operations(scope: Scope) -> bool:
    return scope["path"] in _NOT_TRACED
