"""Four service processes behind one address: a session never sees older than it wrote or saw."""

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.coherence.clients import PASSWORD, OneRequest, User, register
from benchmarks.coherence.clients import request as http
from benchmarks.coherence.fleet import Fleet
from benchmarks.coherence.summary import summarize
from benchmarks.coherence.verify.faults import Fault
from benchmarks.coherence.verify.report import lines
from benchmarks.coherence.verify.run import observe
from benchmarks.measure.client import outcome_of
from benchmarks.stack.balancer import start_haproxy, start_own
from benchmarks.stack.embedded import Stack
from benchmarks.stack.relay import RelayMode
from tests import needs
from tests.chaos.under_faults import fleet_of, options_of
from tests.waiting import until

pytestmark = pytest.mark.servers

REPLICAS = 4
BREAKING = (Fault.WORKER_KILL, Fault.ROLLBACK, Fault.DROP_REQUESTS)
NUMBERS = itertools.count(100)
"""Of users that no run of the load has."""


@pytest.fixture(scope="module", autouse=True)
def _needs_a_real_redis() -> None:
    needs.program("redis-server")


@pytest.fixture(scope="module")
def fleet(servers: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    folder = tmp_path_factory.mktemp("replicas")
    with fleet_of("cached", servers, folder, workers=REPLICAS, one_address=True) as fleet:
        yield fleet


class ReplicaSession:
    """A new user who is signed in, each of whose requests goes to the next replica."""

    def __init__(self, fleet: Fleet, url: str) -> None:
        user = User(next(NUMBERS))
        register([user], fleet.urls[0])
        self.hits = 0
        self._token = ""
        self._connection = OneRequest(url)
        answer = self.ask("POST", "/auth/login", {"email": user.email, "password": PASSWORD})
        self._token = answer["access_token"]
        self.todo = self.ask("POST", "/todo/", {"heading": "h", "task": "t"})["id"]

    def ask(self, method: str, path: str, body: object = None) -> dict[str, str]:
        response = self._connection.send(http(method, path, token=self._token, body=body))
        assert response.status in {200, 201}, response
        answer: dict[str, str] = json.loads(response.body)
        return answer

    def revision(self) -> int:
        """Return what the list shows of its todo."""
        response = self._connection.send(http("GET", "/todo/", token=self._token))
        self.hits += outcome_of(response.headers["cache-status"]) == "hit"
        [todo] = json.loads(response.body)
        return int(todo["rev"])

    def writes_are_read_everywhere(self, last: int) -> None:
        """Change the todo until it has this revision; every replica shows each change at once."""
        for rev in range(2, last + 1):
            self.ask("PUT", f"/todo/{self.todo}", {"task": f"t{rev}"})

            assert [self.revision() for _ in range(REPLICAS)] == [rev] * REPLICAS


@pytest.mark.parametrize(
    "start", [start_own, pytest.param(start_haproxy, marks=needs.mark("haproxy"))]
)
def test_a_session_reads_its_own_writes_on_every_replica(
    start: Any, fleet: Fleet, tmp_path: Path
) -> None:
    balancer = start(fleet.urls, tmp_path)
    try:
        session = ReplicaSession(fleet, balancer.url)
        before = balancer.given()
        session.writes_are_read_everywhere(last=7)
        spread = [now - then for now, then in zip(balancer.given(), before, strict=True)]
        # Else it was the database that was never stale.
        until(lambda: session.revision() == 7 and session.hits >= REPLICAS, "answer from Redis")
    finally:
        balancer.stop()

    assert len(spread) == REPLICAS
    assert max(spread) - min(spread) <= 1
    assert sum(spread) == 6 * (1 + REPLICAS)


def test_a_replica_that_lost_redis_lets_no_other_one_answer_with_what_was_before(
    fleet: Fleet, tmp_path: Path
) -> None:
    balancer = start_own(fleet.urls, tmp_path)
    session = ReplicaSession(fleet, balancer.url)
    assert [session.revision() for _ in range(REPLICAS)] == [1] * REPLICAS
    fleet.proxies[0].switch(RelayMode.DROP_REQUESTS)
    try:
        # A write and four reads are five turns: each replica writes once.
        session.writes_are_read_everywhere(last=1 + REPLICAS)
    finally:
        fleet.proxies[0].switch(RelayMode.NORMAL)
        balancer.stop()


def test_no_replica_serves_an_old_value_while_redis_and_a_replica_break(fleet: Fleet) -> None:
    asked = options_of(
        "cached",
        seconds=5,
        seed=3,
        workers=REPLICAS,
        faults=BREAKING,
        least_faults=len(BREAKING),
        one_address=True,
    )
    summary = summarize(observe(fleet, asked, database="SecantusDB"), variant="cached")

    assert summary.violations == 0, summary
    assert summary.exit_code == 0, summary
    assert set(summary.faults) == set(BREAKING)
    assert min(summary.history.given) > 0
    assert f"{REPLICAS}  replicas behind one address" in lines(summary)[1]
