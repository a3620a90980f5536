"""What is peculiar to single rivals, and the bytes of the ceiling."""

import json
from collections.abc import Callable
from typing import Annotated, Any

import pytest
from fakeredis import FakeAsyncRedis
from fastapi import Depends, FastAPI, HTTPException, Request
from redis_fastapi import FastAPIRedis, cache, cache_evict, default_key_builder, get_async_redis

from benchmarks.variants.rivals.aiocache import _connection
from benchmarks.variants.rivals.static import todo_list
from service.codec import decode_todos

KEY = "redis:fastapi:cache:me"


def test_the_list_is_always_the_same_twenty_todos_with_a_hundred_bytes_of_text_each() -> None:
    body = todo_list()

    assert body == todo_list()
    assert len(decode_todos(body)) == 20
    assert {len(todo["task"].encode()) for todo in json.loads(body)} == {100}


@pytest.mark.parametrize(
    ("url", "taken"),
    [
        ("redis://127.0.0.1", ("127.0.0.1", 6379, 0, None, False)),
        ("redis://127.0.0.1:7000/3", ("127.0.0.1", 7000, 3, None, False)),
        ("rediss://:p%40ss@cache.example:6380/0", ("cache.example", 6380, 0, "p@ss", True)),
    ],
)
def test_a_url_is_taken_apart_as_aiocache_wants_it(url: str, taken: tuple[Any, ...]) -> None:
    assert tuple(_connection(url).values()) == taken


# Why fastapi-redis-sdk is not put behind the port by its ``cache()`` and ``cache_evict()``: both
# tests describe the library. When one fails, that choice is to be looked at again.


@pytest.fixture
def redis() -> FakeAsyncRedis:
    return FakeAsyncRedis()


@pytest.fixture
def app(redis: FakeAsyncRedis) -> FastAPI:
    """Return the guide's example of an authenticated endpoint, and one that invalidates it."""
    app = FastAPI()
    FastAPIRedis(app).caching()
    app.dependency_overrides[get_async_redis] = lambda: redis

    def signed_in(request: Request) -> str:
        if request.headers.get("authorization") != "Bearer good":
            raise HTTPException(401)
        return "Ada"

    @app.get("/me", dependencies=[Depends(cache(ttl=60, private=True))])
    async def read(user: Annotated[str, Depends(signed_in)]) -> str:
        return user

    @app.delete("/me", dependencies=[Depends(cache_evict(key_builder=default_key_builder))])
    async def remove() -> None:
        return None

    return app


async def call(
    app: FastAPI, method: str, token: str = "", *, heard: Callable[[str], Any] | None = None
) -> int:
    """Send one request and return the status; ``heard`` is called when a part is answered."""
    status = 0

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        nonlocal status
        status = message.get("status", status)
        if heard is not None:
            await heard(message["type"])

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": "/me",
        "raw_path": b"/me",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"authorization", f"Bearer {token}".encode())],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    await app(scope, receive, send)
    return status


async def test_a_hit_of_cache_is_answered_before_anybody_looks_at_the_token(app: FastAPI) -> None:
    before = await call(app, "GET", "bad")
    await call(app, "GET", "good")
    after = await call(app, "GET", "bad")

    assert (before, after) == (401, 200)


async def test_cache_evict_deletes_when_the_answer_has_been_sent(
    app: FastAPI, redis: FakeAsyncRedis
) -> None:
    await call(app, "GET", "good")
    there: dict[str, int] = {}

    async def look(part: str) -> None:
        there[part] = await redis.exists(KEY)

    await call(app, "DELETE", heard=look)

    assert there == {"http.response.start": 1, "http.response.body": 1}
    assert await redis.exists(KEY) == 0
