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


async def test_a_flood_from_one_address_is_refused_with_the_limit(
    client: httpx2.AsyncClient,
) -> None:
    admitted = await statuses(client, 5)
    refused = await post(client)

    assert admitted == [401] * 5
    assert refused.status_code == 429
    assert refused.json() == {"detail": "Rate limit exceeded. Max 5 requests per 60 seconds."}
    assert refused.headers["retry-after"] == "60"
    assert refused.headers["ratelimit-policy"] == '"login";q=5;w=60'


async def test_an_admitted_request_is_told_what_remains(client: httpx2.AsyncClient) -> None:
    answer = await post(client)

    assert answer.headers["ratelimit"] == '"login";r=4;t=0'
    assert "retry-after" not in answer.headers


async def test_a_flood_is_refused_before_its_body_is_read(client: httpx2.AsyncClient) -> None:
    await statuses(client, 5)

    parts_read = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal parts_read
        parts_read += 1
        yield LOGIN

    answer = await client.post("/auth/login", content=body())

    assert answer.status_code == 429
    assert parts_read == 0


async def test_wrong_bodies_count_too(client: httpx2.AsyncClient) -> None:
    wrong = [(await post(client, b"{")).status_code for _ in range(5)]

    assert wrong == [422] * 5
    assert await statuses(client, 1) == [429]


async def test_the_limit_ends_with_its_window(world: World, client: httpx2.AsyncClient) -> None:
    await statuses(client, 6)
    world.clock.advance(60)

    assert await statuses(client, 1) == [401]


async def test_registration_has_a_limit_of_its_own(client: httpx2.AsyncClient) -> None:
    await statuses(client, 6)
    who = {"name": "Ada", "email": "ada@example.com", "password": "password"}
    answers = [await client.post("/auth/register", json=who) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [201, 409, 409, 429]


async def test_addresses_are_counted_apart(world: World) -> None:
    async with serve(world, peer=("192.0.2.1", 1)) as one:
        of_one = await statuses(one, 6)
    async with serve(world, peer=("192.0.2.2", 1)) as other:
        of_other = await statuses(other, 6)

    assert of_one == of_other == [401] * 5 + [429]


async def test_behind_a_trusted_proxy_clients_are_counted_apart(world: World) -> None:
    async with serve(world, peer=("10.0.0.1", 1), trusted_proxies="10.0.0.0/8") as client:
        of_one = await statuses(client, 6, **{"x-forwarded-for": "192.0.2.1"})
        of_other = await statuses(client, 1, **{"x-forwarded-for": "192.0.2.2"})

    assert (of_one[-1], of_other) == (429, [401])


async def test_a_spoofed_address_does_not_escape_the_limit(client: httpx2.AsyncClient) -> None:
    await statuses(client, 5, **{"x-forwarded-for": "203.0.113.1"})

    assert await statuses(client, 1, **{"x-forwarded-for": "203.0.113.2"}) == [429]


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
