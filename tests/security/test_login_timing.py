"""How long a failed login takes does not tell whether there is such a user."""

import logging
import random
import statistics
import time
from collections.abc import AsyncIterator
from functools import partial

import httpx2
import pytest
from pwdlib.hashers.argon2 import Argon2Hasher
from pydantic import SecretStr
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from benchmarks.stack.embedded import Stack
from service.app import create_app
from service.bootstrap import open_backends
from service.config import Settings
from service.passwords import MEMORY_KIB, PASSES
from tests.security.conftest import VARIANTS
from tests.security.forgery import SECRET
from tests.security.fuzzing import LONG, SEED

log = logging.getLogger(__name__)
PAIRS = 500
# Without a hash for nobody the whole of it is missing, which is a share of 1.
SHARE = 0.1


class Work(CommandListener):
    """Notes what logins cost: which hashes were verified, and what the database was asked."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def verifies(self, stored: str) -> None:
        """Note the parameters of a hash, which say what it takes."""
        self.done.append(stored.rsplit("$", 2)[0])

    def started(self, event: CommandStartedEvent) -> None:
        # Other collections are asked beside the requests.
        if event.command.get(event.command_name) == "users":
            self.done.append(event.command_name)

    def succeeded(self, event: CommandSucceededEvent) -> None: ...

    def failed(self, event: CommandFailedEvent) -> None: ...


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    work, verify = Work(), Argon2Hasher.verify

    def noted(hasher: Argon2Hasher, password: str | bytes, hash: str | bytes) -> bool:  # noqa: A002
        work.verifies(str(hash))
        return verify(hasher, password, hash)

    monkeypatch.setattr(Argon2Hasher, "verify", noted)
    return work


@pytest.fixture(params=VARIANTS)
async def service(
    request: pytest.FixtureRequest, servers: Stack, database_name: str, work: Work
) -> AsyncIterator[httpx2.AsyncClient]:
    assert servers.redis is not None
    settings = Settings(
        mongodb_url=SecretStr(servers.mongo.url),
        mongodb_database=database_name,
        redis_url=SecretStr(servers.redis.url),
        cache_enabled=request.param == "cached",
        jwt_secret=SecretStr(SECRET),
        rate_limit_enabled=False,
    )
    app = create_app(settings, partial(open_backends, listeners=(work,)))
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app), base_url="http://service"
        ) as client,
    ):
        who = {"name": "Ann", "email": "ann@example.org", "password": "correct horse battery"}
        (await client.post("/auth/register", json=who)).raise_for_status()
        yield client


async def log_in(service: httpx2.AsyncClient, name: str) -> None:
    """Log in with a wrong password."""
    attempt = {"email": f"{name}@example.org", "password": "a guess"}
    assert (await service.post("/auth/login", json=attempt)).status_code == 401


async def test_a_login_as_nobody_does_the_work_of_one_with_a_wrong_password(
    service: httpx2.AsyncClient, work: Work
) -> None:
    done = {}
    for name in ("ann", "nobody"):
        work.done.clear()
        await log_in(service, name)
        done[name] = list(work.done)

    assert (
        done["nobody"] == done["ann"] == ["find", f"$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p=1"]
    )


@pytest.mark.skipif(not LONG, reason="a measurement, of FUZZ_PROFILE=long")
@pytest.mark.timeout(300)
async def test_a_login_as_nobody_takes_as_long_as_one_with_a_wrong_password(
    service: httpx2.AsyncClient,
) -> None:
    chance = random.Random(SEED)
    taken_s: dict[str, list[float]] = {"ann": [], "nobody": []}
    for _ in range(PAIRS):
        # Side by side and in any order, so that what else the machine does hits both alike.
        for name in chance.sample(sorted(taken_s), 2):
            started = time.perf_counter()
            await log_in(service, name)
            taken_s[name].append(time.perf_counter() - started)

    pairs = zip(taken_s["nobody"], taken_s["ann"], strict=True)
    share = statistics.median(nobody - known for nobody, known in pairs)
    share /= statistics.median(taken_s["ann"])
    log.info("n = %d each: difference %.2f %% of a login", PAIRS, 100 * share)
    assert abs(share) < SHARE
