"""Each rival as its module runs it: the same answers as uncached, and says what the cache did."""

import json
import secrets
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from pymongo import MongoClient

from benchmarks.stack.embedded import Stack
from benchmarks.stack.service import start_service
from benchmarks.variants.registry import VARIANTS
from tests.e2e.api_client import Api
from tests.integration.rivals.conftest import LAYERINGS
from tests.patient import PATIENT

pytestmark = pytest.mark.servers
Start = Callable[[str], str]


@pytest.fixture(scope="module")
def start(servers: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Return what starts a variant once, on one database and with one secret for all."""
    assert servers.redis
    database, urls = f"test_{uuid.uuid4().hex}", dict[str, str]()
    env = {**PATIENT, "RATE_LIMIT_ENABLED": "false", "JWT_SECRET": secrets.token_urlsafe(48)}
    logs = tmp_path_factory.mktemp("rivals")
    redis_url = servers.redis.url
    with ExitStack() as services:

        def started(name: str) -> str:
            if name not in urls:
                variant = VARIANTS[name]
                service = start_service(
                    mongo_url=servers.mongo.url,
                    database=database,
                    redis_url=redis_url if variant.uses_redis else None,
                    env=env,
                    log=logs / f"{name}.log",
                    module=variant.module,
                )
                urls[name] = services.enter_context(service).url
            return urls[name]

        yield started
    client: MongoClient[dict[str, object]] = MongoClient(servers.mongo.url)
    with client:
        client.drop_database(database)


@pytest.fixture(params=LAYERINGS)
def cached(request: pytest.FixtureRequest, start: Start) -> Iterator[Api]:
    with Api(start(request.param)) as api:
        yield api


@pytest.fixture
def uncached(start: Start) -> Iterator[Api]:
    with Api(start("uncached")) as api:
        yield api


def test_a_rival_answers_with_the_bytes_of_uncached_and_says_what_the_cache_did(
    cached: Api, uncached: Api
) -> None:
    # They share the database and the secret.
    cached.sign_up()
    uncached.token = cached.token
    cold, warm = cached.get("/todo/"), cached.get("/todo/")
    made = [
        cached.post("/todo/", {"heading": heading, "task": 'Crème, naïve, "quoted" \\ \u2028'})
        for heading in ("Milk", "Bread", "Eggs")
    ]
    written = cached.get("/todo/")
    one = f"/todo/{made[1].json()['id']}"

    assert cold.headers["cache-status"] == "todos; fwd=miss, user; fwd=miss"
    assert warm.headers["cache-status"] == "todos; hit, user; hit"
    assert written.headers["cache-status"] == "todos; fwd=miss, user; hit"
    # A hit spends its time on the cache and none on the database.
    assert "db;dur=0.000" not in cold.headers["server-timing"]
    assert "db;dur=0.000" in warm.headers["server-timing"]
    assert "cache;dur=0.000" not in warm.headers["server-timing"]
    for path in ("/todo/", one, "/auth/me", "/todo/" + "0" * 24):
        expected = uncached.get(path)
        for answer in (cached.get(path), cached.get(path)):
            assert answer.content == expected.content
            assert answer.status_code == expected.status_code
            assert answer.headers["content-type"] == expected.headers["content-type"]
    # A reader sees what was written before, and a token that was logged out is revoked at once.
    cached.call("PUT", one, {"heading": "Butter"})
    changed = cached.headings()
    cached.call("DELETE", one)
    assert (changed, cached.headings()) == (["Milk", "Butter", "Eggs"], ["Milk", "Eggs"])
    cached.post("/auth/logout")
    refused = cached.get("/todo/")
    assert (refused.status_code, refused.json()["detail"]) == (401, "Token revoked")


def test_redis_is_among_what_a_rival_is_ready_with(cached: Api, uncached: Api) -> None:
    assert cached.get("/readyz").json()["dependencies"]["redis"] == "ok"
    assert uncached.get("/readyz").json()["dependencies"].get("redis") != "ok"


@pytest.mark.parametrize("ceiling", ["static", "bare"])
def test_a_ceiling_answers_twenty_todos_to_anybody(ceiling: str, start: Start) -> None:
    with Api(start(ceiling)) as api:
        logged_in = api.log_in({"email": "anybody@example.org", "password": "any"})
        answers = [api.get("/todo/") for _ in range(2)]

    assert logged_in.json()["access_token"]
    assert answers[0].content == answers[1].content
    assert len(json.loads(answers[0].content)) == 20
    assert 4_000 < len(answers[0].content) < 8_000
    assert "cache-status" not in answers[0].headers
