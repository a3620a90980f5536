"""The busy reads are answered ahead of FastAPI, and as FastAPI would."""

import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast

import httpx2
import pytest

from service.api.reads import BusyReads
from service.api.telemetry import Telemetry
from service.app import create_app
from tests.fakes_service import ServiceFakes, fake_backends, make_settings, serve, sign_in
from tests.security.forgery import SECRET, Forger

UNKNOWN = "0" * 24
SEED, REQUESTS = 20_261_129, 100
OF_THE_REQUEST = ("server-timing", "x-request-id")
AUTHORIZATIONS = ["Bearer", "Basic YQ==", "bearer {}", "Bearer  {}", "Bearer {}x", "{}", "Bearer é"]


class Both:
    """One service under two clients: with what answers the busy reads, and by FastAPI alone."""

    def __init__(
        self, fakes: ServiceFakes, ahead: httpx2.AsyncClient, alone: httpx2.AsyncClient
    ) -> None:
        self.fakes = fakes
        self.ahead = ahead
        self.alone = alone

    async def ask(
        self, method: str, path: str, headers: Mapping[str, str] | Mapping[bytes, bytes]
    ) -> None:
        """Send a request both ways, and require the same answer and the same count of it."""
        counted, answers = [], []
        # The first finds the cache as others left it; the next may find it being filled.
        for _ in range(2):
            await self.ahead.request(method, path, headers=headers)
        for client in (self.ahead, self.alone):
            before = self._counted()
            answers.append(await client.request(method, path, headers=headers))
            after = self._counted()
            counted.append({key for key in after if after[key] != before.get(key)})
        ahead, alone = answers
        for name in OF_THE_REQUEST:
            assert (ahead.headers.pop(name) is None) == (alone.headers.pop(name) is None)
        assert (ahead.status_code, ahead.content) == (alone.status_code, alone.content)
        assert sorted(ahead.headers.multi_items()) == sorted(alone.headers.multi_items())
        assert counted[0] == counted[1]

    def _counted(self) -> dict[object, int]:
        return {key: tally.count for key, tally in self.fakes.metrics._tallies.items()}


@asynccontextmanager
async def both_ways(fakes: ServiceFakes, **options: Any) -> AsyncIterator[Both]:
    app = create_app(make_settings(**options), fake_backends(fakes))
    behind = cast(BusyReads, app.ahead)._app
    alone = Telemetry(behind, app)
    async with app.router.lifespan_context(app):
        clients = [
            httpx2.AsyncClient(
                transport=httpx2.ASGITransport(each, client=("192.0.2.1", 1)),
                base_url="http://service",
                trust_env=False,
            )
            for each in (app, alone)
        ]
        async with clients[0], clients[1]:
            yield Both(fakes, *clients)


@pytest.mark.parametrize("settings", [{}, {"cache_enabled": False}], ids=["cached", "uncached"])
async def test_a_busy_read_is_answered_and_counted_as_fastapi_would(
    settings: dict[str, bool],
) -> None:
    async with both_ways(ServiceFakes(), **settings) as both:
        await sign_in(both.ahead)
        bearer = {"authorization": both.ahead.headers["authorization"]}
        made = (await both.ahead.post("/todo/", json={"heading": "a", "task": "b"})).json()
        del both.ahead.headers["authorization"]
        paths = ["/todo/", "/auth/me"]
        paths += [f"/todo/{each}" for each in (made["id"], made["id"].upper(), UNKNOWN, "x", "a/b")]
        paths += [f"/todo/?after={made['id']}", "/todo/?after=x", "/todo/?", "/auth/me?x=1"]
        for path in paths:
            for method in ("GET", "HEAD", "OPTIONS"):
                await both.ask(method, path, bearer)
            await both.ask("GET", path, {})
        token = bearer["authorization"].removeprefix("Bearer ")
        for given_as in AUTHORIZATIONS:
            await both.ask(
                "GET", "/todo/", {b"authorization": given_as.replace("{}", token).encode()}
            )
        await both.ahead.post("/auth/logout", headers=bearer)
        for path in paths:
            await both.ask("GET", path, bearer)
        both.fakes.users.down = both.fakes.cache.down = True
        for path in paths:
            await both.ask("GET", path, bearer)


async def test_whatever_path_and_token_a_request_has_it_is_answered_the_same() -> None:
    drawn = random.Random(SEED)
    parts = [
        "",
        "todo",
        "auth",
        "me",
        UNKNOWN,
        UNKNOWN[1:],
        "..",
        "%2f",
        "{todo_id}",
        "%00",
        "\u00e9",
    ]
    async with both_ways(ServiceFakes(), cache_enabled=False, jwt_secret=SECRET) as both:
        await sign_in(both.ahead)
        good = both.ahead.headers.pop("authorization").removeprefix("Bearer ").encode()
        for _, header in Forger(SEED, good).headers(REQUESTS):
            path = "/" + "/".join(drawn.choices(parts, k=drawn.choice([1, 2, 2, 3])))
            given = header if drawn.random() < 0.5 else b"Bearer " + good
            await both.ask("GET", path, {b"authorization": given})


@pytest.mark.parametrize("path", ["/todo", "/auth/me", "/healthz", "/docs"])
async def test_a_path_is_answered_with_and_without_its_last_slash_and_to_head_without_its_body(
    path: str, ada: httpx2.AsyncClient
) -> None:
    one, other, head = await ada.get(path), await ada.get(f"{path}/"), await ada.head(path)

    assert (one.status_code, one.content) == (other.status_code, other.content)
    assert (head.status_code, head.content) == (one.status_code, b"")
    assert one.headers["content-type"] == head.headers["content-type"]
    assert one.status_code == 200


async def test_a_body_and_a_token_are_never_sent_on_to_an_address_of_the_clients(
    ada: httpx2.AsyncClient,
) -> None:
    elsewhere = {"host": "elsewhere.example"}
    made = await ada.post("/todo", json={"heading": "a", "task": "b"}, headers=elsewhere)
    todo = f"/todo/{made.json()['id']}/"
    changed = await ada.put(todo, json={"completed": True}, headers=elsewhere)

    assert (made.status_code, changed.status_code) == (201, 200)
    assert (await ada.delete(f"{todo}/")).status_code == 404
    assert (await ada.post("/nowhere/")).status_code == 404


async def test_both_spellings_of_a_limited_path_share_its_limit(fakes: ServiceFakes) -> None:
    async with serve(fakes) as client:
        attempts = [
            await client.post(
                f"/auth/login{slash}", json={"email": f"{n}@example.com", "password": "x"}
            )
            for n, slash in enumerate(["", "/"] * 3)
        ]

    assert [attempt.status_code for attempt in attempts] == [401] * 5 + [429]
