"""A collector of traces that listens on loopback, as OTLP over HTTP has it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.unit.benchmarks.fake_http import handler_for, listening

SERVER, CLIENT = 2, 3
FAILED = 2


@dataclass(frozen=True)
class Span:
    """What was exported of one span."""

    name: str
    kind: int
    trace_id: str
    span_id: str
    parent_id: str
    status: int
    attributes: dict[str, Any]
    resource: dict[str, Any]
    raw: str


@dataclass
class Collector:
    """What has come so far."""

    spans: list[Span] = field(default_factory=list)
    url: str = ""

    def of(self, trace_id: str) -> list[Span]:
        """Return the spans of one trace, in the order in which they ended."""
        return [span for span in self.spans if span.trace_id == trace_id]

    def answer(
        self, _method: str, _path: str, _token: str, body: bytes
    ) -> tuple[int, bytes, dict[str, str]]:
        """Take one export."""
        # All at once: who waits for the span of a request has then those within it.
        self.spans += [
            _span(span, _values(resource.resource.attributes))
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]
        return 200, b"", {}


@contextmanager
def collecting() -> Iterator[Collector]:
    """Listen until the block ends."""
    collector = Collector()
    with listening(handler_for(collector)) as running:
        collector.url = running.url
        yield collector


def _span(span: Any, resource: dict[str, Any]) -> Span:
    return Span(
        name=span.name,
        kind=span.kind,
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        status=span.status.code,
        attributes=_values(span.attributes),
        resource=resource,
        raw=str(span),
    )


def _values(attributes: Any) -> dict[str, Any]:
    return {each.key: _value(each.value) for each in attributes}


def _value(value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(each) for each in value.array_value.values]
    return getattr(value, kind)
