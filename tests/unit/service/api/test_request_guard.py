import json
from collections.abc import AsyncIterator

import httpx2
import pytest

from tests.fakes_service import World, serve

LOGIN = b'{"email": "nobody@example.com", "password": "wrong"}'


async def post(
    client: httpx2.AsyncClient,
    body: bytes = LOGIN,
    content_type: str = "application/json",
    **more: str,
) -> httpx2.Response:
    headers = {"content-type": content_type} | more
    return await client.post("/auth/login", content=body, headers=headers)


def login(number: int) -> bytes:
    """Return the attempt of another account each time: those have a limit of their own."""
    return json.dumps({"email": f"n{number}@example.com", "password": "wrong"}).encode()


async def statuses(client: httpx2.AsyncClient, times: int, **more: str) -> list[int]:
    answers = [await post(client, login(number), **more) for number in range(times)]
    return [answer.status_code for answer in answers]


async def test_a_flood_from_one_address_is_refused_until_its_window_ends(
    world: World, client: httpx2.AsyncClient
) -> None:
    first = await post(client, b"{")
    # Wrong bodies count too, and so do spoofed addresses.
    spoofed = await statuses(client, 4, **{"x-forwarded-for": "203.0.113.1"})
    parts_read = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal parts_read
        parts_read += 1
        yield LOGIN

    headers = {"x-forwarded-for": "203.0.113.2"}
    refused = await client.post("/auth/login", content=body(), headers=headers)
    world.clock.advance(60)

    assert (first.status_code, first.headers["ratelimit"]) == (422, '"login";r=4;t=0')
    assert "retry-after" not in first.headers
    assert spoofed == [401] * 4
    assert refused.status_code == 429
    assert refused.json() == {"detail": "Rate limit exceeded. Max 5 requests per 60 seconds."}
    assert refused.headers["retry-after"] == "60"
    assert refused.headers["ratelimit-policy"] == '"login";q=5;w=60'
    assert parts_read == 0, "it is refused before its body is read"
    assert await statuses(client, 1) == [401]


async def test_registration_has_a_limit_of_its_own(client: httpx2.AsyncClient) -> None:
    await statuses(client, 6)
    who = {"name": "Ada", "email": "ada@example.com", "password": "password"}
    answers = [await client.post("/auth/register", json=who) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [201, 409, 409, 429]


async def test_addresses_are_counted_apart_also_behind_a_trusted_proxy(world: World) -> None:
    async with serve(world, peer=("192.0.2.1", 1)) as one:
        of_one = await statuses(one, 6)
    async with serve(world, peer=("10.0.0.1", 1), trusted_proxies="10.0.0.0/8") as proxy:
        of_two = await statuses(proxy, 6, **{"x-forwarded-for": "192.0.2.2"})
        of_three = await statuses(proxy, 1, **{"x-forwarded-for": "192.0.2.3"})

    assert of_one == of_two == [401] * 5 + [429]
    assert of_three == [401]


async def test_a_refusal_by_account_hides_that_the_address_was_admitted(world: World) -> None:
    for number in range(6):
        async with serve(world, peer=(f"192.0.2.{number}", 1)) as client:
            answer = await post(client)

    assert answer.status_code == 429
    assert answer.headers.get_list("ratelimit") == ['"login";r=0;t=60']
    assert answer.headers.get_list("retry-after") == ["60"]


async def test_without_rate_limits_nothing_is_refused(world: World) -> None:
    async with serve(world, rate_limit_enabled=False) as client:
        assert await statuses(client, 10) == [401] * 10


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 401),
        ("application/json; charset=utf-8", 401),
        ("APPLICATION/JSON", 401),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("application/jsonp", 415),
        ("", 415),
    ],
)
async def test_a_body_must_be_json(
    content_type: str, status: int, client: httpx2.AsyncClient
) -> None:
    answer = await post(client, content_type=content_type)

    assert answer.status_code == status


async def test_a_request_without_a_body_needs_no_content_type(ada: httpx2.AsyncClient) -> None:
    assert (await ada.post("/auth/logout")).status_code == 200


async def test_a_registration_that_cannot_be_read_does_not_use_up_the_quota(
    client: httpx2.AsyncClient,
) -> None:
    who = {"name": "Ada", "email": "ada@example.com", "password": "password"}
    wrong = [await client.post("/auth/register", json=who | {"email": "no"}) for _ in range(9)]
    right = [await client.post("/auth/register", json=who) for _ in range(4)]

    assert {answer.status_code for answer in wrong} == {422}
    assert {answer.headers["ratelimit"] for answer in wrong} == {'"register";r=2;t=0'}
    assert [answer.status_code for answer in right] == [201, 409, 409, 429]


async def test_every_todo_that_the_fields_allow_fits_also_when_it_is_escaped(
    ada: httpx2.AsyncClient,
) -> None:
    body = json.dumps({"heading": "\U0001f600" * 200, "task": "\U0001f600" * 10_000})
    headers = {"content-type": "application/json"}

    assert len(body) > 100_000
    assert (await ada.post("/todo/", content=body, headers=headers)).status_code == 201
