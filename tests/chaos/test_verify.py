"""Under faults the cached service never serves an old value, and the naive one is caught at it."""

import io
import uuid
from collections.abc import Callable, Iterator

import pytest
from rich.console import Console

from benchmarks.coherence.verify.checker import check
from benchmarks.coherence.verify.fleet import Fleet, FleetPlan, running_fleet
from benchmarks.coherence.verify.history import OperationKind
from benchmarks.coherence.verify.nemesis import Nemesis
from benchmarks.coherence.verify.report import Summary, summarize
from benchmarks.coherence.verify.run import VARIANTS, Options, record, verify
from benchmarks.coherence.verify.schedule import Fault, Planned
from benchmarks.coherence.verify.users import request as http
from benchmarks.measure.client import Connection
from benchmarks.stack.embedded import Stack
from benchmarks.stack.identity import mongo_client
from benchmarks.stack.relay import RelayMode
from tests import needs
from tests.light_service import MODULE as LIGHT

pytestmark = pytest.mark.servers

TELLING = (
    Fault.ROLLBACK,
    Fault.DROP_REQUESTS,
    Fault.HOLD,
    Fault.DROP_REPLIES,
    Fault.RESET,
    Fault.WORKER_KILL,
)


PAUSE_S = 0.03
"""Eight clients without a pause keep both cores busy for as long as the run takes."""
MODULES = {"cached": LIGHT, "naive": VARIANTS["naive"].module}
Run = Callable[..., Summary]


@pytest.fixture(autouse=True)
def _needs_a_real_redis() -> None:
    needs.program("redis-server")


@pytest.fixture(scope="module")
def fleet(
    request: pytest.FixtureRequest, servers: Stack, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Fleet]:
    """Run one process of the cached variant, or of the one that the test names."""
    name = f"test_{uuid.uuid4().hex}"
    plan = FleetPlan(
        module=MODULES[getattr(request, "param", "cached")],
        workers=1,
        mongo_url=servers.mongo.url,
        database=name,
        folder=tmp_path_factory.mktemp("fleet"),
    )
    with running_fleet(plan) as fleet:
        yield fleet
    with mongo_client(servers.mongo.url) as client:
        client.drop_database(name)


@pytest.fixture
def run(servers: Stack) -> Run:
    """Return what does as ``fivefold verify`` does, with clients that pause."""

    def run(
        variant: str,
        *,
        seconds: float,
        seed: int,
        faults: tuple[Fault, ...],
        least_faults: int = 1,
    ) -> Summary:
        options = Options(
            seconds=seconds,
            least_faults=least_faults,
            seed=seed,
            pause_s=PAUSE_S,
            module=MODULES[variant],
            env=VARIANTS[variant].env,
            workers=2,
            clients=8,
            faults=faults,
        )
        history = record(options, {"MONGODB_URL": servers.mongo.url}).history
        kinds = {operation.kind for operation in history.operations}
        assert kinds > {
            OperationKind.LIST,
            OperationKind.ONE,
            OperationKind.PROFILE,
            OperationKind.CREATE,
            OperationKind.UPDATE,
        }
        return summarize(history, check(history), variant=variant, database="")

    return run


def test_the_cached_variant_is_never_stale_while_redis_breaks(run: Run) -> None:
    summary = run("cached", seconds=10, seed=1, faults=TELLING, least_faults=3)

    assert summary.violations == 0, summary
    assert summary.exit_code == 0, summary
    assert sum(summary.faults.values()) >= 3


@pytest.mark.timeout(300)
def test_the_naive_variant_is_caught_by_the_same_checker(run: Run) -> None:
    # What it does depends on time: it is watched until it has done it.
    for seed in range(20):
        summary = run("naive", seconds=5, seed=seed, faults=TELLING[:3])
        if summary.stale:
            break

    assert summary.stale > 0
    assert summary.exit_code == 1
    assert summary.first_violation_s is not None


def test_every_fault_strikes_and_leaves_everything_working(fleet: Fleet) -> None:
    nemesis = Nemesis(fleet, sleep=lambda _: None)
    for fault in Fault:
        struck = nemesis.strike(Planned(fault=fault, hold_s=0.01, every_s=0, worker=0))

        assert struck is not None
        assert struck.kind == fault
        assert fleet.proxies[0].state().mode is RelayMode.NORMAL
        with fleet.redis.client() as client:
            assert client.ping()
            assert client.config_get("maxmemory")["maxmemory"] == str(64 * 1024**2)
        with Connection(fleet.urls[0]) as connection:
            assert connection.send(http("GET", "/readyz")).status == 200


def test_a_restart_from_a_dump_brings_back_what_was_deleted(fleet: Fleet) -> None:
    with fleet.redis.client() as client:
        client.set("word", "deleted")

    def delete(_: float) -> None:
        with fleet.redis.client() as client:
            client.delete("word")

    rollback = Planned(fault=Fault.ROLLBACK, hold_s=0, every_s=0, worker=None)
    Nemesis(fleet, sleep=delete).strike(rollback)
    with fleet.redis.client() as client:
        assert client.get("word") == b"deleted"

    empty = Planned(fault=Fault.KILL, hold_s=0, every_s=0, worker=None)
    Nemesis(fleet, sleep=lambda _: None).strike(empty)
    with fleet.redis.client() as client:
        assert client.dbsize() == 0


@pytest.mark.parametrize("fleet", ["naive"], indirect=True)
def test_a_variant_without_a_switch_is_not_struck_by_it(fleet: Fleet) -> None:
    flag = Planned(fault=Fault.FLAG, hold_s=0, every_s=0, worker=None)

    assert Nemesis(fleet, sleep=lambda _: None).strike(flag) is None


def test_an_unknown_variant_is_a_usage_error() -> None:
    console = Console(file=io.StringIO())

    assert verify(seconds=1, variant="magic", seed=1, environ={}, console=console) == 2
