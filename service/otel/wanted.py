"""The settings of traces, in the environment variables that OpenTelemetry specifies.

https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
"""

from collections.abc import Mapping
from importlib.util import find_spec
from urllib.parse import urlsplit

from service.config import ConfigurationError
from service.otel.tracing import OFF, Tracing

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_EXPORTER = "OTEL_TRACES_EXPORTER"
_PACKAGES = ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")


def wanted(environ: Mapping[str, str]) -> bool:
    """Tell whether traces are to be exported: an endpoint is named, or ``otlp`` as exporter.

    Raises ``ConfigurationError`` where they are and cannot be.
    """
    if environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    exporter = environ.get(_EXPORTER, "").strip()
    named = {name: environ[name] for name in _ENDPOINTS if environ.get(name)}
    if exporter == "none" or not (exporter or named):
        return False
    problems = [] if exporter in ("", "otlp") else [f"{_EXPORTER}: takes otlp or none"]
    problems += [
        f"{name}: takes an http or https URL" for name, url in named.items() if not _is_http(url)
    ]
    problems += [
        f"{name}: takes http/protobuf"
        for name in _PROTOCOLS
        if environ.get(name, "http/protobuf") != "http/protobuf"
    ]
    if not all(_installed(package) for package in _PACKAGES):
        name = next(iter(named), _EXPORTER)
        problems.append(f"{name}: traces need the packages of the extra fivefold[otel]")
    if problems:
        raise ConfigurationError("\n".join(problems))
    return True


def tracing_of(environ: Mapping[str, str]) -> Tracing:
    """Return what the environment asks for; raises ``ConfigurationError``."""
    if not wanted(environ):
        return OFF
    # Importing the SDK takes a fifth of a second and 15 MB, which only a traced service is to pay.
    from service.otel.sdk import tracing  # noqa: PLC0415

    return tracing(environ)


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:
        return False
