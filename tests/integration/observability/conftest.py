"""Both variants, walked through, with everything that they say of themselves."""

import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.load.metrics import MetricsStore
from benchmarks.load.page.data import exposition, shown
from benchmarks.stack.embedded import Stack
from benchmarks.stack.service import start_service
from tests.e2e.api_client import Api
from tests.waiting import until

ADMIN_TOKEN = "admin-x7Qm2Rz9-and-32-bytes-of-it"
JOBS = ("service-cached", "service-uncached")


@dataclass(frozen=True)
class ObservedService:
    """A running service, where it logs, and the token of who walked through it."""

    url: str
    log: Path
    token: str


class ExportedLoad:
    """What Locust's process exports in a run with everything in it; it goes on with every look."""

    def __init__(self) -> None:
        self._store = MetricsStore()
        self._second = 0

    def answer(self, _method: str, path: str, *_: object) -> tuple[int, bytes, dict[str, str]]:
        """Be scraped where Locust's page is."""
        return (200, self.text().encode(), {}) if path == "/fivefold/metrics" else (404, b"", {})

    def text(self) -> str:
        """Return what is scraped."""
        for _ in range(8):
            self._second += 1
            self._store.record(self._second, "uncached", "bypass", 8000 + self._second)
            self._store.record(self._second, "cached", "hit", 1000)
        found = shown(self._store, since=0, variants=["uncached", "cached"])
        return exposition(found, users=4).decode()


@pytest.fixture(scope="package")
def watched(
    servers: Stack, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, ObservedService]]:
    """Start each variant with every request in its log, and use every route of it."""
    assert servers.redis is not None
    folder = tmp_path_factory.mktemp("watched")
    with ExitStack() as exits:
        found = {}
        for job in JOBS:
            cached = job == "service-cached"
            service = exits.enter_context(
                start_service(
                    mongo_url=servers.mongo.url,
                    database=f"test_{uuid.uuid4().hex}",
                    redis_url=servers.redis.url if cached else None,
                    log=folder / f"{job}.log",
                    module="tests.light_service",
                    env={
                        "LOG_LEVEL": "DEBUG",
                        "ADMIN_TOKEN": ADMIN_TOKEN,
                        "CACHE_HEAL_SECONDS": "0.2",
                        "DATABASE_DEADLINE_SECONDS": "3",
                        "REDIS_DEADLINE_SECONDS": "2",
                    },
                )
            )
            with Api(service.url) as api:
                _walk(api, cached=cached)
                found[job] = ObservedService(service.url, service.process.log, api.token)
        yield found


def _walk(api: Api, *, cached: bool) -> None:
    person = api.sign_up()
    api.post("/todo/", {"heading": "Milk", "task": ""})
    [todo] = api.get("/todo/").json()
    if cached:
        until(lambda: "todos; hit" in api.get("/todo/").headers["cache-status"], "fill")
        assert api.call("DELETE", "/admin/cache", authorization=f"Bearer {ADMIN_TOKEN}").is_success
        until(lambda: "todos; hit" in api.get("/todo/").headers["cache-status"], "open again")
    api.get(f"/todo/{todo['id']}")
    api.get("/nowhere/7")
    api.get("/todo/", authorization=f"Bearer {api.token}x")
    api.post("/auth/login", {"email": person["email"], "password": "a wrong guess"})
