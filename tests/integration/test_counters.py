"""Three counts of the same reads, on real servers."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

import pytest
from redis import Redis

from benchmarks.analysis.checks.counters import Counted, counters
from benchmarks.measure.counters import count
from benchmarks.measure.sessions import RunningVariant
from benchmarks.runner.dependencies import Dependencies
from benchmarks.runner.services import RunContext, ServiceSpec, running_variants
from benchmarks.scenarios.actions import READS
from benchmarks.stack.dataset import make_dataset
from benchmarks.stack.embedded import open_stack
from benchmarks.stack.interfaces import Database
from benchmarks.variants.registry import VARIANTS
from tests import needs
from tests.patient import start_patient

USERS = 3
NAMES = ("uncached", "cached", "naive")

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]  # it starts three services


@pytest.fixture(name="place", scope="module")
def _place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunContext]:
    """Start servers that nothing else asks: Redis counts for everybody together."""
    with open_stack(environ={}) as stack:
        mongo = Dependencies().connect_mongo(stack.mongo.url)
        yield RunContext(
            stack=stack, mongo=mongo, label="counters", logs=tmp_path_factory.mktemp("logs")
        )
        mongo.close()


@pytest.fixture(name="admin", scope="module")
def _admin(place: RunContext) -> Database:
    return place.mongo.get_database("admin")


@pytest.fixture(name="arms", scope="module")
def _arms(place: RunContext) -> Iterator[Mapping[str, RunningVariant]]:
    dataset = make_dataset(seed=1, users=USERS, todos_per_user=2, payload_bytes=10)
    with running_variants(
        [VARIANTS[name] for name in NAMES],
        dataset,
        wanted=ServiceSpec(actions=READS),
        place=place,
        tools=Dependencies(start_service=start_patient),
    ) as arms:
        yield {arm.variant: arm for arm in arms}


@pytest.fixture(name="counted", scope="module")
def _counted(arms: Mapping[str, RunningVariant], admin: Database) -> Mapping[str, Counted]:
    return {name: count(arm, admin=admin, cache=arm.cache) for name, arm in arms.items()}


@pytest.mark.parametrize("name", NAMES)
def test_headers_redis_and_the_database_agree(counted: Mapping[str, Counted], name: str) -> None:
    guard = counters([counted[name]], caches=name != "uncached")

    assert guard.passed, guard.detail
    assert counted[name].warm.finds is not None


@pytest.mark.parametrize("name", ["cached", "naive"])
def test_of_five_reads_one_reaches_the_database(counted: Mapping[str, Counted], name: str) -> None:
    assert finds_per_session(counted["uncached"]) == 10.0
    assert finds_per_session(counted[name]) == 2.0


def finds_per_session(found: Counted) -> float:
    """Return the finds of one user's reads, two for each that reaches the database."""
    return ((found.cold.finds or 0) + (found.warm.finds or 0)) / found.sessions


def test_somebody_else_who_hits_on_that_redis_is_noticed(
    arms: Mapping[str, RunningVariant], admin: Database, place: RunContext
) -> None:
    needs.program("redis-server")
    assert place.stack.redis is not None
    arm = arms["cached"]
    elsewhere = urlsplit(place.stack.redis.url)._replace(path="/9").geturl()
    with Redis.from_url(elsewhere) as other:
        other.set("of somebody else", "1", ex=60)

        found = count(
            arm, admin=admin, cache=arm.cache, sleep=lambda _: other.get("of somebody else")
        )

        other.flushdb()
    guard = counters([found], caches=True)
    assert not guard.passed
    assert "Redis counted" in guard.detail
