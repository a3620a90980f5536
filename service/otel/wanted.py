"""The settings of traces, in the environment variables that OpenTelemetry specifies.

https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
"""

import asyncio
import logging
from collections.abc import Mapping
from importlib.util import find_spec
from urllib.parse import urlsplit

from service.config import ConfigurationError
from service.host_names import is_host_name
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
    try:
        # Importing the SDK takes a fifth of a second and 15 MB, which only a traced service is to
        # pay. It reads some variables at once.
        from service.otel.sdk import tracing  # noqa: PLC0415

        return tracing(environ)
    except Exception as error:
        # The SDK reads most of its variables itself, and does not always name the wrong one.
        said = " ".join(str(error).split()).rstrip(".")
        raise ConfigurationError(
            f"OTEL_*: OpenTelemetry's SDK says: {said}; correct or unset that variable"
        ) from error


def require_tracing(environ: Mapping[str, str]) -> None:
    """Make what the environment asks for once, and drop it; raises ``ConfigurationError``."""
    # What the SDK has to say of variables that it ignores, the log gets from who serves.
    logging.disable()
    try:
        asyncio.run(tracing_of(environ).close())
    finally:
        logging.disable(logging.NOTSET)


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and port != 0 and is_host_name(parts.hostname or "")


def _installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:
        return False
