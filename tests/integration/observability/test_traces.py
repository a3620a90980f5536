"""A real service exports its spans to a real collector, and does without one."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from benchmarks.stack.embedded import Stack
from benchmarks.stack.service import Service, start_service
from tests.e2e.api_client import Api, somebody_new
from tests.patient import PATIENT
from tests.unit.benchmarks.fake_http import handler_for, listening
from tests.waiting import until

SERVER, CLIENT = 2, 3
FAILED = 2
CALLER = "c" * 16


class Collector:
    """Takes OTLP over HTTP; the spans are as they were sent, in the order in which they ended."""

    def __init__(self) -> None:
        self.spans: list[Any] = []
        self.services: set[str] = set()

    def answer(
        self, _method: str, _path: str, _token: str, body: bytes
    ) -> tuple[int, bytes, dict[str, str]]:
        """Take one export."""
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            self.services.add(attributes(resource.resource)["service.name"])
            # All at once: who waits for the span of a request has then those within it.
            self.spans += [span for scope in resource.scope_spans for span in scope.spans]
        return 200, b"", {}

    def of(self, trace_id: str) -> dict[str, Any]:
        """Return the spans of a trace by name, once that of the request has come."""

        def found() -> list[Any]:
            return [span for span in self.spans if span.trace_id.hex() == trace_id]

        until(lambda: any(span.kind == SERVER for span in found()), "export the request")
        return {span.name: span for span in found()}


def attributes(told: Any) -> dict[str, Any]:
    """Return the attributes of a span or a resource."""
    return {
        each.key: getattr(each.value, each.value.WhichOneof("value")) for each in told.attributes
    }


@contextmanager
def traced(
    servers: Stack, database: str, log: Path, *, endpoint: str
) -> Iterator[tuple[Service, Api]]:
    """Run a service that exports to ``endpoint``, with somebody signed in."""
    assert servers.redis is not None
    with (
        start_service(
            mongo_url=servers.mongo.url,
            database=database,
            redis_url=servers.redis.url,
            log=log / "service.log",
            module="tests.light_service",
            env={
                "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
                "OTEL_BSP_SCHEDULE_DELAY": "20",
                **PATIENT,
                "RATE_LIMIT_ENABLED": "false",
            },
        ) as service,
        Api(service.url) as api,
    ):
        yield service, api


def ask(api: Api, method: str, path: str, json: object = None, **headers: str) -> str:
    """Send a request as part of a trace, and return the trace's id."""
    trace_id = secrets.token_hex(16)
    api.call(method, path, json, traceparent=f"00-{trace_id}-{CALLER}-01", **headers)
    return trace_id


def test_a_walk_is_told_in_spans(servers: Stack, database_name: str, tmp_path: Path) -> None:
    collector = Collector()
    with (
        listening(handler_for(collector)) as running,
        traced(servers, database_name, tmp_path, endpoint=running.url) as (service, api),
    ):
        person = api.sign_up()
        first = ask(api, "GET", "/todo/")
        # A miss is answered before it is filled.
        until(lambda: "todos; hit" in api.get("/todo/").headers["cache-status"], "fill")
        again = ask(api, "GET", "/todo/")
        # The second insert of one key is refused by the database, which is no failure.
        written, taken = (
            ask(api, "POST", "/todo/", {"heading": "Milk", "task": ""}, idempotency_key="milk")
            for _ in range(2)
        )
        ask(api, "GET", "/healthz")
        miss, hit, write, refused = (
            collector.of(trace_id) for trace_id in (first, again, written, taken)
        )
        service.process.stop()

    _is_a_miss(miss, f"{database_name}.find")
    assert set(hit) == {"GET /todo/"}, "nothing but the request"
    assert f"{database_name}.insert" in write
    assert refused[f"{database_name}.insert"].status.code != FAILED
    assert collector.services == {"fivefold"}
    assert not any("/healthz" in span.name for span in collector.spans)
    # Renewing the lease goes on all the time, and belongs to no request.
    assert all(span.parent_span_id for span in collector.spans if span.kind == CLIENT)
    everything = "\n".join(map(str, collector.spans))
    for secret in (person["email"], person["password"], api.token):
        assert secret not in everything


def _is_a_miss(spans: dict[str, Any], find: str) -> None:
    request, asked = spans["GET /todo/"], spans[find]
    told = attributes(request)
    assert request.parent_span_id.hex() == CALLER
    assert told["http.route"] == "/todo/"
    assert told["http.response.status_code"] == 200
    assert (asked.kind, asked.parent_span_id) == (CLIENT, request.span_id)
    assert attributes(asked)["db.mongodb.collection"] in ("users", "todos")


def test_nobody_waits_for_a_collector_that_is_gone(
    servers: Stack, database_name: str, tmp_path: Path, closed_port: int
) -> None:
    gone = f"http://127.0.0.1:{closed_port}"
    with traced(servers, database_name, tmp_path, endpoint=gone) as (service, api):
        assert api.register(person := somebody_new()).status_code == 201
        assert api.log_in(person).status_code == 200
        answers = [api.get("/todo/") for _ in range(200)]
        until(lambda: "xport" in service.process.log.read_text(), "say that it cannot export")
        service.process.stop()

    assert {answer.status_code for answer in answers} == {200}
    assert service.process.poll() == 0
