import json
from collections.abc import Iterator

import httpx2
import pytest

from service.api.errors import TABLE, response_to
from service.domain import Decision, Rule
from service.errors import (
    ExpiredToken,
    NoCacheConfigured,
    QuotaReached,
    RateLimited,
    ServiceError,
    Unavailable,
)

# Not raised itself: it stands for those below it.
GROUPS = {ServiceError, Unavailable}
DECISION = Decision(rule=Rule("login", 5, 60), admitted=False, remaining=0, free_in_s=41.2)


def family(error: type[ServiceError]) -> Iterator[type[ServiceError]]:
    yield error
    for child in error.__subclasses__():
        yield from family(child)


def test_every_refusal_is_answered_by_its_row_or_by_a_branch_of_its_own() -> None:
    answers = {error: response_to(error()) for error in TABLE}

    assert set(family(ServiceError)) - GROUPS == TABLE.keys() | {RateLimited}
    assert answers[QuotaReached].status_code == answers[NoCacheConfigured].status_code == 409
    assert json.loads(bytes(answers[ExpiredToken].body)) == {"detail": "Token has expired"}
    for error, found in answers.items():
        assert (found.status_code == 401) is ("www-authenticate" in found.headers)
        assert (found.status_code == 503) is issubclass(error, Unavailable)
        assert (found.status_code == 503) is ("retry-after" in found.headers)


def test_a_rate_limit_says_what_it_is_and_when_to_come_back() -> None:
    response = response_to(RateLimited(DECISION))

    assert response.status_code == 429
    assert response.headers["retry-after"] == "42"
    assert response.headers["ratelimit"] == '"login";r=0;t=42'


@pytest.mark.parametrize(
    ("body", "part"),
    [
        (b'{"name": 7, "email": "ada@example.com", "password": "hunter2-hunter2"}', "body.name"),
        (b'{"name": "Ada", "email": "no", "password": "hunter2-hunter2"}', "body.email"),
        (b'{"name": "Ada", "email": "a@example.com", "password": "hunter"}', "body.password"),
        (b'{"name": "\\ud800", "email": "a@example.com", "password": "hunter2-"}', "body.name"),
        (b'{"\\ud800": "hunter2"}', "body"),
        (b"{hunter", "body"),
        (b"", "body"),
        (b"[]", "body"),
        (b"null", "body"),
        (b"NaN", "body"),
        (b"\xff\xfe", "body"),
        (b"[" * 20_000, "body"),
        (b"1" * 5_000, "body"),
    ],
    ids=lambda value: repr(value)[:30],
)
async def test_a_wrong_body_is_a_422_that_names_the_field_and_repeats_no_input(
    body: bytes, part: str, client: httpx2.AsyncClient
) -> None:
    headers = {"content-type": "application/json"}
    response = await client.post("/auth/register", content=body, headers=headers)

    assert response.status_code in {400, 422}
    assert response.json().keys() == {"detail"}
    if response.status_code == 422:
        found = response.json()["detail"]
        assert all(problem.keys() == {"type", "loc", "msg"} for problem in found)
        assert any(".".join(map(str, problem["loc"])).startswith(part) for problem in found)
    assert "hunter" not in response.text


@pytest.mark.parametrize(
    ("method", "path", "status", "allowed"),
    [
        ("GET", "/nowhere", 404, None),
        ("GET", "/admin/cache", 404, None),
        ("PATCH", "/todo/", 405, "GET, HEAD, POST"),
        ("PATCH", f"/todo/{'0' * 24}", 405, "DELETE, GET, HEAD, PUT"),
        ("PATCH", "/healthz", 405, "GET, HEAD"),
        ("HEAD", "/auth/login", 405, "POST"),
        ("PATCH", "/docs/files/swagger-ui.css", 405, "GET, HEAD"),
        ("GET", "/docs/files/nothing", 404, None),
        ("GET", "/docs/files/..%2f..%2f__init__.py", 404, None),
    ],
)
async def test_errors_of_the_framework_have_the_same_shape_and_a_405_names_every_method(
    method: str, path: str, status: int, allowed: str | None, client: httpx2.AsyncClient
) -> None:
    response = await client.request(method, path)

    assert response.status_code == status
    assert method == "HEAD" or response.json().keys() == {"detail"}
    assert response.headers.get("allow") == allowed


@pytest.mark.parametrize(
    "hosts",
    [
        ["one.example", "other.example"],
        ["one.example, other.example"],
        ["one.example,other.example"],
        ["user@one.example"],
        ["one.example/path"],
        ["[::1"],
        ["one.example:http"],
        [],
    ],
)
async def test_a_request_that_does_not_name_one_host_is_refused(
    hosts: list[str], ada: httpx2.AsyncClient
) -> None:
    for path in ("/todo/", "/healthz", "/nowhere"):
        request = ada.build_request("GET", path, headers=[("host", host) for host in hosts])
        if not hosts:
            del request.headers["host"]
        answer = await ada.send(request)

        assert answer.status_code == 400
        assert answer.json() == {"detail": "The Host header must name one host"}


async def test_whatever_host_it_names_a_request_is_answered(client: httpx2.AsyncClient) -> None:
    for host in ("", "a", "a.example:80", "127.0.0.1:8000", "[::1]:8000", "service_cached", "a:"):
        answer = await client.get("/healthz", headers={"host": host})

        assert answer.status_code == 200
