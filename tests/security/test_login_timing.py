"""How long a failed login takes does not tell whether there is such a user."""

import logging
import random
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import numpy as np
import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from pydantic import SecretStr
from scipy import stats

from benchmarks.stack.embedded import Stack
from service import bootstrap
from service.config import Settings
from service.passwords import argon2id
from tests.defects.stage import SECRET, Service, start_service
from tests.security.conftest import VARIANTS
from tests.security.fuzzing import LONG, SEED

log = logging.getLogger(__name__)
PAIRS = 500 if LONG else 60
# Without a hash for nobody the whole of it is missing, which is a share of 1. The long run can
# tell a tenth; no threshold of a p-value is asserted, since it fails by chance as often as it says.
SHARE = 0.1 if LONG else 0.5


@pytest.fixture
def hasher() -> PasswordHash:
    """Return production's hasher, or in a short run one that takes a third of its time."""
    if LONG:
        return argon2id()
    return PasswordHash((Argon2Hasher(time_cost=2, memory_cost=6 * 1024, parallelism=1),))


@pytest.fixture(params=VARIANTS)
async def service(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    servers: Stack,
    database_name: str,
    hasher: PasswordHash,
) -> AsyncIterator[Service]:
    assert servers.redis is not None
    monkeypatch.setattr(bootstrap, "argon2id", lambda: hasher)
    settings = Settings(
        mongodb_url=SecretStr(servers.mongo.url),
        mongodb_database=database_name,
        redis_url=SecretStr(servers.redis.url),
        cache_enabled=request.param == "cached",
        jwt_secret=SecretStr(SECRET),
        rate_limit_enabled=False,
    )
    async with AsyncExitStack() as exits:
        yield await start_service(exits, settings)


@pytest.mark.timeout(300)
async def test_a_login_as_nobody_takes_as_long_as_one_with_a_wrong_password(
    service: Service, hasher: PasswordHash
) -> None:
    await service.register("ann")
    chance = random.Random(SEED)
    taken_s: dict[str, list[float]] = {"ann": [], "nobody": []}
    for _ in range(5):
        await service.try_log_in("ann", "a guess")

    for _ in range(PAIRS):
        # Side by side and in any order, so that what else the machine does hits both alike.
        for name in chance.sample(sorted(taken_s), 2):
            started = time.perf_counter()
            answer = await service.try_log_in(name, "a guess")
            taken_s[name].append(time.perf_counter() - started)
            assert answer.status_code == 401

    share = _paired_difference_s(taken_s) / _hash_s(hasher)
    known, nobody = (np.log(taken_s[name]) for name in ("ann", "nobody"))
    log.info(
        "n = %d each: difference %.2f %% of a hash, Welch p = %.3f, Mann-Whitney p = %.3f",
        PAIRS,
        100 * share,
        stats.ttest_ind(known, nobody, equal_var=False).pvalue,
        stats.mannwhitneyu(known, nobody).pvalue,
    )
    assert abs(share) < SHARE


def _paired_difference_s(taken_s: dict[str, list[float]]) -> float:
    pairs = zip(taken_s["nobody"], taken_s["ann"], strict=True)
    return statistics.median(nobody - known for nobody, known in pairs)


def _hash_s(hasher: PasswordHash) -> float:
    stored = hasher.hash("a password")
    taken_s = []
    for _ in range(20):
        started = time.perf_counter()
        hasher.verify("a guess", stored)
        taken_s.append(time.perf_counter() - started)
    return statistics.median(taken_s)
