"""A collector of traces that listens on loopback, as OTLP over HTTP has it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

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

    def take(self, body: bytes) -> None:
        """Decode one export."""
        # All at once: who waits for the span of a request has then those within it.
        self.spans += [
            _span(span, _values(resource.resource.attributes))
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


@contextmanager
def collecting() -> Iterator[Collector]:
    """Listen until the block ends."""
    collector = Collector()

    def take(_: str, body: bytes) -> bytes:
        collector.take(body)
        return b""

    with listening(take) as address:
        collector.url = f"http://{address}"
        yield collector


@contextmanager
def listening(answer: Callable[[str, bytes], bytes | None]) -> Iterator[str]:
    """Answer requests by their path and body, with 404 for None; yield host and port."""

    class CollectorHandler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = answer(self.path, self.rfile.read(int(self.headers["content-length"] or 0)))
            self.send_response(200 if found is not None else 404)
            self.send_header("content-length", str(len(found or b"")))
            self.end_headers()
            self.wfile.write(found or b"")

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), CollectorHandler) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


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
