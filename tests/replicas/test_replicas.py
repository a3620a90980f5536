"""Four service processes behind one address: a session never sees older than it wrote or saw."""

import itertools
import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from benchmarks.coherence.verify.checker import check
from benchmarks.coherence.verify.clients import register
from benchmarks.coherence.verify.fleet import Fleet, FleetPlan, running_fleet
from benchmarks.coherence.verify.one_request import OneRequest
from benchmarks.coherence.verify.report import Summary, lines, summarize
from benchmarks.coherence.verify.run import VARIANTS, Options, Recorded, observe, record
from benchmarks.coherence.verify.schedule import Fault
from benchmarks.coherence.verify.users import PASSWORD, User
from benchmarks.coherence.verify.users import request as http
from benchmarks.measure.headers import outcome_of
from benchmarks.stack.balancer import Balancer, start_haproxy, start_own
from benchmarks.stack.embedded import Stack
from benchmarks.stack.identity import mongo_client
from benchmarks.stack.relay import RelayMode
from tests import needs
from tests.e2e.api_client import until
from tests.light_service import MODULE as LIGHT

pytestmark = pytest.mark.servers

REPLICAS = 4
PAUSE_S = 0.03
BREAKING = (Fault.WORKER_KILL, Fault.ROLLBACK, Fault.DROP_REQUESTS)
TELLING = (Fault.ROLLBACK, Fault.DROP_REQUESTS, Fault.HOLD)
NUMBERS = itertools.count(100)
"""Of users that no run of the load has."""
MODULES = {"cached": LIGHT, "naive": VARIANTS["naive"].module}


@pytest.fixture(scope="module", autouse=True)
def _needs_a_real_redis() -> None:
    needs.program("redis-server")


@pytest.fixture(scope="module")
def fleet(servers: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    name = f"test_{uuid.uuid4().hex}"
    plan = FleetPlan(
        module=LIGHT,
        workers=REPLICAS,
        mongo_url=servers.mongo.url,
        database=name,
        folder=tmp_path_factory.mktemp("replicas"),
        one_address=True,
    )
    with running_fleet(plan) as fleet:
        yield fleet
    with mongo_client(servers.mongo.url) as client:
        client.drop_database(name)


@pytest.fixture(
    params=[
        start_own,
        pytest.param(start_haproxy, marks=needs.mark("haproxy")),
    ]
)
def balancer(request: pytest.FixtureRequest, fleet: Fleet, tmp_path: Path) -> Iterator[Balancer]:
    start: Callable[[Sequence[str], Path], Balancer] = request.param
    balancer = start(fleet.urls, tmp_path)
    yield balancer
    balancer.stop()


class Session:
    """One signed-in user, each of whose requests goes to the next replica."""

    def __init__(self, url: str, user: User) -> None:
        self.hits = 0
        self._connection = OneRequest(url)
        self._token = self.ask("POST", "/auth/login", {"email": user.email, "password": PASSWORD})[
            "access_token"
        ]

    def ask(self, method: str, path: str, body: object = None) -> dict[str, str]:
        token = getattr(self, "_token", "")
        response = self._connection.send(http(method, path, token=token, body=body))
        assert response.status in {200, 201}, response
        answer: dict[str, str] = json.loads(response.body)
        return answer

    def revisions(self) -> dict[str, int]:
        response = self._connection.send(http("GET", "/todo/", token=self._token))
        self.hits += outcome_of(response.headers["cache-status"]) == "hit"
        return {todo["id"]: todo["rev"] for todo in json.loads(response.body)}


def options(
    variant: str,
    *,
    seconds: float,
    seed: int,
    workers: int,
    faults: tuple[Fault, ...],
    least_faults: int = 1,
) -> Options:
    return Options(
        seconds=seconds,
        least_faults=least_faults,
        seed=seed,
        pause_s=PAUSE_S,
        module=MODULES[variant],
        env=VARIANTS[variant].env,
        workers=workers,
        clients=8,
        faults=faults,
        one_address=True,
    )


def judged(recorded: Recorded, variant: str) -> Summary:
    return summarize(
        recorded.history,
        check(recorded.history),
        variant=variant,
        database=recorded.database,
        balancer=recorded.balancer,
        given=recorded.given,
    )


def test_a_session_reads_its_own_writes_on_every_replica(balancer: Balancer, fleet: Fleet) -> None:
    user = User(next(NUMBERS))
    register([user], fleet.urls[0])
    session = Session(balancer.url, user)
    todo = session.ask("POST", "/todo/", {"heading": "h", "task": "t"})["id"]
    before = balancer.given()
    for rev in range(2, 8):
        session.ask("PUT", f"/todo/{todo}", {"task": f"t{rev}"})

        assert [session.revisions()[todo] for _ in range(REPLICAS)] == [rev] * REPLICAS

    spread = [now - then for now, then in zip(balancer.given(), before, strict=True)]
    # Else it was the database that was never stale.
    until(
        lambda: session.revisions()[todo] == rev and session.hits >= REPLICAS, "answer from Redis"
    )
    assert len(spread) == REPLICAS
    assert max(spread) - min(spread) <= 1
    assert sum(spread) == 6 * (1 + REPLICAS)


def test_a_replica_that_lost_redis_lets_no_other_one_answer_with_what_was_before(
    fleet: Fleet, tmp_path: Path
) -> None:
    balancer = start_own(fleet.urls, tmp_path)
    user = User(next(NUMBERS))
    register([user], fleet.urls[0])
    session = Session(balancer.url, user)
    todo = session.ask("POST", "/todo/", {"heading": "h", "task": "t"})["id"]
    assert [session.revisions()[todo] for _ in range(REPLICAS)] == [1] * REPLICAS
    fleet.proxies[0].switch(RelayMode.DROP_REQUESTS)
    try:
        # A write and four reads are five turns: each replica writes once.
        for rev in range(2, 2 + REPLICAS):
            session.ask("PUT", f"/todo/{todo}", {"task": f"t{rev}"})

            assert [session.revisions()[todo] for _ in range(REPLICAS)] == [rev] * REPLICAS
    finally:
        fleet.proxies[0].switch(RelayMode.NORMAL)
        balancer.stop()


def test_no_replica_serves_an_old_value_while_redis_and_a_replica_break(fleet: Fleet) -> None:
    recorded = observe(
        fleet,
        options(
            "cached",
            seconds=8,
            seed=3,
            workers=REPLICAS,
            faults=BREAKING,
            least_faults=len(BREAKING),
        ),
        database="SecantusDB",
    )
    summary = judged(recorded, "cached")

    assert summary.violations == 0, summary
    assert summary.exit_code == 0, summary
    assert set(summary.faults) == set(BREAKING)
    assert min(summary.given) > 0
    assert f"{REPLICAS}  replicas behind one address" in lines(summary)[1]


@pytest.mark.timeout(300)
def test_the_naive_variant_is_caught_behind_one_address(servers: Stack) -> None:
    # What it does depends on time: it is watched until it has done it.
    for seed in range(20):
        asked = options("naive", seconds=5, seed=seed, workers=2, faults=TELLING)
        summary = judged(record(asked, {"MONGODB_URL": servers.mongo.url}), "naive")
        if summary.stale:
            break

    assert summary.stale > 0
    assert summary.exit_code == 1
    assert "at some replica" in summary.first_violation
