"""The tracing of a service, and the parts that do nothing in a service without it."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi.telemetry import TelemetryConfig
from opentelemetry.trace import TracerProvider
from pymongo.monitoring import CommandListener
from starlette.types import ASGIApp, Scope

_NOT_TRACED = frozenset(("/healthz", "/readyz", "/metrics"))


async def _nothing_to_close() -> None:
    pass


@dataclass(frozen=True, slots=True)
class Tracing:
    """Wraps the parts of a service; by default it changes nothing.

    ``close`` exports what is left, and waits only briefly for that.
    """

    provider: TracerProvider | None = None
    listeners: Sequence[CommandListener] = ()
    middleware: Sequence[Callable[[ASGIApp], ASGIApp]] = ()
    close: Callable[[], Coroutine[Any, Any, None]] = _nothing_to_close

    def of_requests(self) -> TelemetryConfig:
        """Return what FastAPI is to do: a span for each request, or nothing.

        Never logs or metrics: its logs hold the messages of exceptions.
        """
        return {
            "tracer_provider": self.provider,
            "tracing": self.provider is not None,
            "operation_spans": False,
            "metrics": False,
            "logs": False,
            "auto_configure": False,
            "exclude": _of_operations,
        }


OFF = Tracing()


def _of_operations(scope: Scope) -> bool:
    return scope["path"] in _NOT_TRACED
