import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from ipaddress import ip_network
from unittest.mock import AsyncMock

import httpx2
import pytest
from starlette.requests import ClientDisconnect
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from service.api.request_guard import client_key, trusted_hosts
from service.errors import DatabaseUnavailable
from tests.fakes_service import ServiceFakes, serve

LOGIN = b'{"email": "nobody@example.com", "password": "wrong"}'


async def post(
    client: httpx2.AsyncClient,
    body: bytes | AsyncIterator[bytes] = LOGIN,
    content_type: str = "application/json",
    **more: str,
) -> httpx2.Response:
    headers = {"content-type": content_type} | more
    return await client.post("/auth/login", content=body, headers=headers)


async def test_a_refusal_by_account_hides_that_the_address_was_admitted(
    fakes: ServiceFakes,
) -> None:
    for number in range(6):
        async with serve(fakes, peer=(f"192.0.2.{number}", 1)) as client:
            answer = await post(client)

    assert answer.status_code == 429
    assert answer.headers.get_list("ratelimit") == ['"login";r=0;t=60']
    assert answer.headers.get_list("retry-after") == ["60"]


async def test_a_refusal_says_when_to_come_back_and_the_body_is_not_read(
    client: httpx2.AsyncClient,
) -> None:
    read = []

    async def body() -> AsyncIterator[bytes]:
        read.append(1)
        yield LOGIN

    admitted = [await post(client) for _ in range(5)]
    headers = {"content-type": "application/json"}
    refusal = await client.post("/auth/login", content=body(), headers=headers)

    assert (refusal.status_code, read) == (429, [])
    assert refusal.json() == {"detail": "Rate limit exceeded. Max 5 requests per 60 seconds."}
    assert refusal.headers["retry-after"] == "60"
    assert refusal.headers["ratelimit-policy"] == '"login";q=5;w=60'
    said = [answer.headers["ratelimit"] for answer in (*admitted, refusal)]
    assert said == [f'"login";r={left};t=60' for left in (4, 3, 2, 1, 0, 0)]


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json; charset=utf-8", 401),
        ("APPLICATION/JSON", 401),
        ("text/plain", 422),
        ("application/x-www-form-urlencoded", 422),
        ("", 422),
    ],
)
async def test_a_body_must_be_json(
    content_type: str, status: int, client: httpx2.AsyncClient
) -> None:
    answer = await post(client, content_type=content_type)

    assert answer.status_code == status


async def test_a_registration_that_cannot_be_read_does_not_use_up_the_quota(
    client: httpx2.AsyncClient,
) -> None:
    who = {"name": "Ada", "email": "ada@example.com", "password": "password"}
    wrong = [await client.post("/auth/register", json=who | {"email": "no"}) for _ in range(9)]
    right = [await client.post("/auth/register", json=who) for _ in range(4)]

    assert {answer.status_code for answer in wrong} == {422}
    assert {answer.headers["ratelimit"] for answer in wrong} == {'"register";r=2;t=3600'}
    assert [answer.status_code for answer in right] == [201, 409, 409, 429]


@pytest.mark.parametrize("error", [DatabaseUnavailable, ZeroDivisionError, asyncio.CancelledError])
async def test_what_the_service_cannot_answer_uses_up_no_attempt(
    fakes: ServiceFakes, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    async def failing(_: str) -> None:
        raise error

    who = {"name": "Eve", "email": "eve@example.com", "password": "password"}
    async with serve(fakes, raise_errors=False) as client:
        with monkeypatch.context() as patched:
            patched.setattr(fakes.users, "find_credentials", failing)
            for _ in range(6):
                with suppress(asyncio.CancelledError):
                    assert (await post(client)).status_code in {500, 503}
                with suppress(asyncio.CancelledError):
                    await client.post("/auth/register", json=who)

        assert (await post(client)).status_code == 401
        assert (await client.post("/auth/register", json=who)).status_code == 201


async def half() -> AsyncIterator[bytes]:
    yield LOGIN[:9]
    raise ClientDisconnect


@pytest.mark.parametrize(
    "body",
    [b"{}", b"{", b"\xff", b" " * 200_000, None],
    ids=["no field", "no JSON", "no UTF-8", "too large", "half"],
)
async def test_a_login_whose_body_cannot_be_read_or_does_not_come_is_no_guess(
    body: bytes | None, client: httpx2.AsyncClient
) -> None:
    for _ in range(6):
        unread = await post(client, half() if body is None else body)
        assert unread.status_code != 429

    assert (await post(client)).status_code == 401


async def test_every_todo_that_the_fields_allow_fits_also_when_it_is_escaped(
    ada: httpx2.AsyncClient,
) -> None:
    body = json.dumps({"heading": "\U0001f600" * 200, "task": "\U0001f600" * 10_000})
    headers = {"content-type": "application/json"}

    assert len(body) > 100_000
    assert (await ada.post("/todo/", content=body, headers=headers)).status_code == 201


@pytest.mark.parametrize(
    ("trusted", "one_by_one"), [("192.0.2.1/32,10.0.0.0/8", True), ("10.0.0.0/8", False)]
)
async def test_a_caller_behind_a_trusted_proxy_is_counted_and_no_other_can_choose_its_address(
    fakes: ServiceFakes, trusted: str, *, one_by_one: bool
) -> None:
    async with serve(fakes, trusted_proxies=trusted) as client:
        spoofing = [
            await post(client, LOGIN, **{"x-forwarded-for": f"192.0.2.{n}, 198.51.100.1, 10.1.1.1"})
            for n in range(6)
        ]
        other = LOGIN.replace(b"nobody", b"somebody")
        neighbor = await post(client, other, **{"x-forwarded-for": "198.51.100.2, 10.1.1.1"})

    assert [answer.status_code for answer in spoofing] == [401] * 5 + [429]
    assert neighbor.status_code == (401 if one_by_one else 429)


async def test_a_body_that_is_too_large_is_refused_before_it_is_all_there(
    ada: httpx2.AsyncClient,
) -> None:
    chunks_read = 0

    async def megabytes() -> AsyncIterator[bytes]:
        nonlocal chunks_read
        for _ in range(2_000):
            chunks_read += 1
            yield b" " * 30_000

    headers = {"content-type": "application/json"}
    announced = await ada.post("/todo/", content=b" " * 140_000, headers=headers)
    streamed = await ada.post("/todo/", content=megabytes(), headers=headers)

    assert (announced.status_code, streamed.status_code) == (413, 413)
    assert announced.json().keys() == streamed.json().keys() == {"detail"}
    assert chunks_read < 10


HOSTS = trusted_hosts([ip_network("10.0.0.0/8"), ip_network("fd00::/8")])
PROXY, CLIENT = "10.0.0.1", "198.51.100.7"


async def key(peer: str | None, *forwarded: str) -> str:
    """Return what is counted of a request from this peer, with these ``X-Forwarded-For``."""
    app = AsyncMock()
    scope = {
        "type": "http",
        "client": (peer, 50_000) if peer is not None else None,
        "headers": [(b"x-forwarded-for", line.encode()) for line in forwarded],
    }
    await ProxyHeadersMiddleware(app, HOSTS)(scope, AsyncMock(), AsyncMock())  # type: ignore[arg-type]
    return client_key(app.await_args_list[0].args[0])


@pytest.mark.parametrize(
    ("peer", "forwarded", "counted"),
    [
        # A client that is no proxy cannot choose its address.
        *(
            (CLIENT, [said], CLIENT)
            for said in ("203.0.113.9", "10.0.0.2", "::1", "nonsense", "", CLIENT)
        ),
        # What the client wrote left of the proxy does not count.
        (PROXY, ["203.0.113.9, " + CLIENT], CLIENT),
        (PROXY, ["10.0.0.9, " + CLIENT], CLIENT),
        (PROXY, ["nonsense, " + CLIENT], CLIENT),
        # A chain of trusted proxies is followed to the client, which is the first where all are.
        (PROXY, [f"{CLIENT}:4711, 10.0.0.9:4712, [fd00::1]:4713"], CLIENT),
        (PROXY, ["203.0.113.9", CLIENT, "10.0.0.2"], CLIENT),
        (PROXY, ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        # A proxy that names nobody is counted itself.
        (PROXY, [], PROXY),
        (PROXY, [""], PROXY),
        # An IPv6 client counts by its prefix, whatever its interface.
        ("2001:db8:1:2::1", [], "2001:db8:1:2::/64"),
        (PROXY, ["[2001:db8:1:2:ffff:ffff:ffff:ffff]:443"], "2001:db8:1:2::/64"),
        ("fe80::1%eth0", [], "fe80::/64"),
        # An IPv4 address written as IPv6 is that IPv4 address.
        (f"::ffff:{CLIENT}", [], CLIENT),
        (f"::ffff:{PROXY}", [f"::ffff:{CLIENT}"], CLIENT),
        # A client without an address shares a key with all of its kind.
        *((peer, [CLIENT], "none") for peer in (None, "", "/run/service.sock", "testclient")),
    ],
)
async def test_a_client_is_counted_by_its_address_or_by_what_trusted_proxies_say_of_it(
    peer: str | None, forwarded: list[str], counted: str
) -> None:
    assert await key(peer, *forwarded) == f"address:{counted}"
