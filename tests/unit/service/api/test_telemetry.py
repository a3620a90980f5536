import asyncio
import re
from collections import Counter
from types import SimpleNamespace

import httpx2
import pytest
from starlette.types import Message
from structlog.testing import capture_logs

from service.api.request_log import RequestLog
from service.api.telemetry import Telemetry
from service.metrics import Metrics
from tests.fakes_service import World, serve, sign_in

TIMING = re.compile(r"cache;dur=\d+\.\d{3}, db;dur=\d+\.\d{3}, app;dur=\d+\.\d{3}")
SECURITY = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "content-security-policy": "frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
}


@pytest.mark.parametrize("path", ["/healthz", "/todo/", "/nowhere", "/metrics", "/openapi.json"])
async def test_every_answer_carries_timing_and_security_headers(
    path: str, client: httpx2.AsyncClient
) -> None:
    answer = await client.get(path)

    assert TIMING.fullmatch(answer.headers["server-timing"])
    assert SECURITY.items() <= dict(answer.headers).items()


async def test_answers_of_the_gate_carry_them_too(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/auth/login", content=b"x")

    assert answer.status_code == 415
    assert "server-timing" in answer.headers


async def test_cached_reads_say_miss_and_then_hit(ada: httpx2.AsyncClient) -> None:
    statuses = [(await ada.get("/todo/")).headers["cache-status"] for _ in range(2)]

    assert statuses == ["todos; fwd=miss, user; fwd=miss", "todos; hit, user; hit"]


async def test_uncached_reads_say_that_the_cache_is_off(world: World) -> None:
    async with serve(world, cache_enabled=False) as client:
        await sign_in(client)
        answer = await client.get("/todo/")

    off = "fwd=bypass; detail=off"
    assert answer.headers["cache-status"] == f"todos; {off}, user; {off}"


async def test_an_answer_that_read_no_slot_has_no_cache_status(client: httpx2.AsyncClient) -> None:
    assert "cache-status" not in (await client.get("/healthz")).headers


async def test_requests_are_counted_by_route_and_not_by_path(ada: httpx2.AsyncClient) -> None:
    for number in (1, 2):
        await ada.get(f"/todo/{number:024x}")
    await ada.get("/nowhere/7")
    text = (await ada.get("/metrics")).text

    counted = re.findall(
        r'duration_seconds_count\{(.*?route="([^"]*)".*?status="404".*?)\} (\S+)', text
    )
    by_route = Counter[str]()
    for _, route, count in counted:
        by_route[route] += int(float(count))
    assert by_route == {"/todo/{todo_id}": 2, "unmatched": 1}
    assert "/nowhere" not in text


@pytest.mark.parametrize("own", ["0b1a-2.c_D", "x" * 64])
async def test_an_answer_carries_the_id_that_its_caller_gave(
    own: str, client: httpx2.AsyncClient
) -> None:
    answer = await client.get("/healthz", headers={"x-request-id": own})

    assert answer.headers.get_list("x-request-id") == [own]


@pytest.mark.parametrize("bad", ["", "x" * 65, "ada@example.com", "two words", "a\tb"])
async def test_an_id_that_is_no_plain_one_is_replaced(bad: str, client: httpx2.AsyncClient) -> None:
    answers = [await client.get("/healthz", headers={"x-request-id": bad}) for _ in range(2)]
    ids = {answer.headers["x-request-id"] for answer in answers}

    assert len(ids) == 2
    assert bad not in ids


async def test_the_usual_request_gets_no_line(ada: httpx2.AsyncClient) -> None:
    with capture_logs() as lines:
        await ada.get("/todo/")
        await ada.get("/nowhere")

    assert lines == []


async def test_every_request_gets_a_line_at_debug(world: World) -> None:
    async with serve(world, log_level="DEBUG") as client:
        await sign_in(client)
        with capture_logs() as lines:
            await client.get("/todo/", headers={"x-request-id": "mine"})
    [line] = lines

    assert line["log_level"] == "debug"
    assert (line["event"], line["route"], line["status"]) == ("request", "/todo/", 200)
    assert line["request_id"] == "mine"
    assert line["slots"] == {"user": "fwd=miss", "todos": "fwd=miss"}


async def test_a_request_without_its_database_gets_a_warning(world: World) -> None:
    async with serve(world) as client:
        await sign_in(client)
        world.users.down = world.slots.down = True
        with capture_logs() as lines:
            assert (await client.get("/todo/")).status_code == 503

    assert [(line["log_level"], line["status"]) for line in lines] == [("warning", 503)]


async def test_a_failure_is_a_500_in_the_one_shape_with_headers_and_counted(world: World) -> None:
    async with serve(world, raise_errors=False) as client:
        world.todos.page = None  # type: ignore[method-assign, assignment]
        await sign_in(client)
        with capture_logs() as lines:
            answer = await client.get("/todo/")
        text = (await client.get("/metrics")).text

    assert answer.status_code == 500
    assert answer.json() == {"detail": "Internal error"}
    assert SECURITY.items() <= dict(answer.headers).items()
    assert TIMING.fullmatch(answer.headers["server-timing"])
    assert 'route="/todo/",status="500"} 1.0' in text
    assert [(line["log_level"], line["status"]) for line in lines] == [("error", 500)]


async def test_a_request_that_the_server_ends_at_its_end_is_a_503() -> None:
    said: list[Message] = []

    async def ended(*_: object) -> None:
        raise asyncio.CancelledError

    async def send(message: Message) -> None:
        said.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    app = SimpleNamespace(state=SimpleNamespace(backends=SimpleNamespace(metrics=Metrics())))
    scope = {"type": "http", "method": "GET", "app": app, "headers": []}
    with pytest.raises(asyncio.CancelledError):
        await Telemetry(ended, log=RequestLog(every=False))(scope, receive, send)

    assert said[0]["status"] == 503
    assert (b"retry-after", b"1") in said[0]["headers"]
