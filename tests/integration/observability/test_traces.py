"""A real service exports its spans to a real collector, and does without one."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.stack.embedded import Stack
from benchmarks.stack.service import Service, start_service
from tests.e2e.api_client import Api, somebody_new
from tests.integration.observability.collector import (
    CLIENT,
    FAILED,
    SERVER,
    Collector,
    Span,
    collecting,
)
from tests.patient import PATIENT
from tests.waiting import until


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
    api.call(method, path, json, traceparent=f"00-{trace_id}-{'c' * 16}-01", **headers)
    return trace_id


def spans_of(collector: Collector, trace_id: str) -> dict[str, Span]:
    """Return the spans of a trace by name, once that of the request has come."""
    until(lambda: any(s.kind == SERVER for s in collector.of(trace_id)), "export the request")
    return {span.name: span for span in collector.of(trace_id)}


def test_a_walk_is_told_in_spans(servers: Stack, database_name: str, tmp_path: Path) -> None:
    with (
        collecting() as collector,
        traced(servers, database_name, tmp_path, endpoint=collector.url) as (service, api),
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
            spans_of(collector, trace_id) for trace_id in (first, again, written, taken)
        )
        service.process.stop()

    _is_a_miss(miss, f"{database_name}.find")
    assert set(hit) == {"GET /todo/"}, "nothing but the request"
    assert f"{database_name}.insert" in write
    assert refused[f"{database_name}.insert"].status != FAILED
    assert {span.resource["service.name"] for span in collector.spans} == {"fivefold"}
    assert not any("/healthz" in span.name for span in collector.spans)
    # Renewing the lease goes on all the time, and belongs to no request.
    assert all(span.parent_id for span in collector.spans if span.kind == CLIENT)
    everything = "\n".join(span.raw for span in collector.spans)
    for secret in (person["email"], person["password"], api.token):
        assert secret not in everything


def _is_a_miss(spans: dict[str, Span], find: str) -> None:
    request = spans["GET /todo/"]
    assert request.parent_id == "c" * 16
    assert request.attributes["http.route"] == "/todo/"
    assert request.attributes["http.response.status_code"] == 200
    assert (spans[find].kind, spans[find].parent_id) == (CLIENT, request.span_id)
    assert spans[find].attributes["db.mongodb.collection"] in ("users", "todos")


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
