import asyncio
import re
from types import SimpleNamespace
from typing import cast
from unittest.mock import AsyncMock

import httpx2
import pytest
from structlog.testing import capture_logs

from service.api.telemetry import SLOW_S, Telemetry, log_request
from service.backends import HasBackends
from service.metrics import Metrics
from service.trace import Trace
from tests.fakes_service import ServiceFakes, serve, sign_in

TIMING = re.compile(r"cache;dur=\d+\.\d{3}, db;dur=\d+\.\d{3}, app;dur=\d+\.\d{3}")
SECURITY = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "content-security-policy": "frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
}


async def test_every_answer_carries_timing_and_security_headers_and_opens_to_no_other_origin(
    client: httpx2.AsyncClient,
) -> None:
    client.headers["origin"] = "https://elsewhere.example"
    paths = ["/healthz", "/todo/", "/nowhere", "/metrics", "/openapi.json"]
    answers = [await client.get(path) for path in paths]
    of_the_guard = await client.post("/auth/login", content=b" " * 200_000)
    preflight = await client.options("/todo/")

    assert (of_the_guard.status_code, preflight.status_code) == (413, 405)
    for answer in (*answers, of_the_guard, preflight):
        assert TIMING.fullmatch(answer.headers["server-timing"])
        assert SECURITY.items() <= dict(answer.headers).items()
        assert "access-control-allow-origin" not in answer.headers
        assert "cache-status" not in answer.headers, "no cached value was read"


async def test_requests_are_counted_by_route_and_not_by_path(ada: httpx2.AsyncClient) -> None:
    for path in ("/todo/1", "/todo/2", "/nowhere/7"):
        await ada.get(path)
    text = (await ada.get("/metrics")).text

    routes = re.findall(r'duration_seconds_count\{.*?route="([^"]*)".*?status="404"', text)
    assert sorted(routes) == ["/todo/{todo_id}", "unmatched"]


async def test_an_answer_carries_the_id_that_its_caller_gave_if_it_is_a_plain_one(
    client: httpx2.AsyncClient,
) -> None:
    plain = ("0b1a-2.c_D", "x" * 64)
    for given in (*plain, "", "x" * 65, "ada@example.com", "two words", "a\tb"):
        headers = {"x-request-id": given}
        answers = [await client.get("/healthz", headers=headers) for _ in range(2)]
        ids = {answer.headers["x-request-id"] for answer in answers}
        assert ids == {given} if given in plain else len(ids | {given}) == 3


@pytest.mark.parametrize("level", ["INFO", "DEBUG"])
async def test_a_usual_request_gets_a_line_at_debug_only(fakes: ServiceFakes, level: str) -> None:
    async with serve(fakes, log_level=level) as client:
        await sign_in(client)
        with capture_logs() as lines:
            await client.get("/todo/", headers={"x-request-id": "mine"})

    assert len(lines) == (level == "DEBUG")
    for line in lines:
        assert (line["log_level"], line["event"], line["route"]) == ("debug", "request", "/todo/")
        assert (line["status"], line["request_id"]) == (200, "mine")
        assert line["slots"] == dict.fromkeys(("user", "todos"), "fwd=miss; detail=cold")


@pytest.mark.parametrize("path", ["/todo/", "/todo/?limit=1"], ids=["busy read", "FastAPI's"])
async def test_a_failure_is_a_500_in_the_one_shape_with_headers_and_counted(
    fakes: ServiceFakes, path: str
) -> None:
    async with serve(fakes, raise_errors=False) as client:
        fakes.todos.page = None  # type: ignore[method-assign, assignment]
        await sign_in(client)
        with capture_logs() as lines:
            answer = await client.get(path)
        text = (await client.get("/metrics")).text

    assert answer.status_code == 500
    assert answer.json() == {"detail": "Internal error"}
    assert answer.headers["content-type"] == "application/json"
    assert SECURITY.items() <= dict(answer.headers).items()
    assert TIMING.fullmatch(answer.headers["server-timing"])
    assert 'route="/todo/",status="500"} 1.0' in text
    assert [(line["log_level"], line["status"]) for line in lines] == [("error", 500)]


async def test_a_request_that_the_server_ends_at_its_end_is_a_503() -> None:
    ended, send = AsyncMock(side_effect=asyncio.CancelledError), AsyncMock()
    service = SimpleNamespace(backends=SimpleNamespace(metrics=Metrics()))
    scope = {"type": "http", "http_version": "1.0", "method": "GET", "headers": []}
    with pytest.raises(asyncio.CancelledError):
        await Telemetry(ended, cast(HasBackends, service))(scope, AsyncMock(), send)
    start = send.await_args_list[0].args[0]

    assert start["status"] == 503
    assert (b"retry-after", b"1") in start["headers"]


@pytest.mark.parametrize(
    ("status", "took_s", "level"),
    [(200, 0.1, "debug"), (200, SLOW_S, "info"), (500, 0.1, "error"), (503, SLOW_S, "warning")],
)
def test_a_line_is_as_grave_as_what_happened_and_says_what_was_waited_for(
    status: int, took_s: float, level: str
) -> None:
    request = Trace(b"abc-1")
    request.cache_s, request.db_s = 0.0012, 0.25
    with capture_logs() as lines:
        log_request("GET", "/todo/", status, request, took_s)

    [line] = lines
    assert line["log_level"] == level
    assert (line["duration_ms"], line["cache_ms"], line["db_ms"]) == (1000 * took_s, 1.2, 250.0)
