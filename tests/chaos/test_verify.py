"""Under faults the cached service never serves an old value, and the naive one is caught at it."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.coherence.checker import check
from benchmarks.coherence.clients import ACTIONS, request
from benchmarks.coherence.fleet import Fleet
from benchmarks.coherence.history import History, OperationKind
from benchmarks.coherence.summary import summarize
from benchmarks.coherence.verify.faults import Fault, Nemesis
from benchmarks.coherence.verify.run import Options, verify
from benchmarks.measure.client import Connection
from benchmarks.stack.embedded import Stack
from benchmarks.stack.relay import RelayMode
from tests import needs
from tests.chaos.under_faults import (
    VARIANTS,
    client_of,
    fleet_of,
    planned,
    reads_from_redis,
    summary_under,
)

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module", autouse=True)
def _needs_a_real_redis() -> None:
    needs.program("redis-server")


@pytest.fixture(scope="module")
def fleet(servers: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    with fleet_of("cached", servers, tmp_path_factory.mktemp("fleet"), workers=2) as fleet:
        yield fleet


def test_the_command_reports_a_run_of_ours_without_a_violation(servers: Stack) -> None:
    said = io.StringIO()
    options = Options(seconds=5, variant=VARIANTS["cached"], seed=1, workers=2, clients=2)
    code = verify(options, {"MONGODB_URL": servers.mongo.url}, Console(file=said))

    # On a slow machine too little happens to prove anything.
    assert code in {0, 3}, said.getvalue()
    assert said.getvalue().startswith("cached: ")
    assert " 0  stale reads (G1)" in said.getvalue()


def test_the_cached_variant_is_never_stale_while_redis_breaks(fleet: Fleet) -> None:
    faults = (Fault.ROLLBACK, Fault.HOLD, Fault.DROP_REPLIES, Fault.RESET)
    summary = summary_under(fleet, faults)

    assert summary.violations == 0, summary
    assert summary.exit_code == 0, summary
    assert set(summary.faults) == set(faults)


def test_a_client_notes_every_kind_of_operation(fleet: Fleet) -> None:
    with client_of(fleet) as client:
        # A client without todos asks for a todo that does not exist; a client with few todos
        # creates one in place of deleting one.
        for action in ("one", *["create"] * 6, *ACTIONS, "replay"):
            client.act(action)

    assert {operation.kind for operation in client.operations} == set(OperationKind)
    assert check(History(operations=client.operations)) == ()


def test_the_naive_variant_which_has_no_switch_is_caught_by_the_same_checker(
    servers: Stack, tmp_path: Path
) -> None:
    with fleet_of("naive", servers, tmp_path, workers=2) as fleet:
        assert Nemesis(fleet, sleep=lambda _: None).strike(planned(Fault.FLAG)) is None
        with client_of(fleet) as client:
            client.act("create")
            reads_from_redis(client)
            # It invalidates what the dump brings back.
            struck = Nemesis(fleet, sleep=lambda _: client.act("update")).strike(
                planned(Fault.ROLLBACK)
            )
            reads_from_redis(client)

    assert struck
    summary = summarize(History(operations=client.operations, faults=[struck]), variant="naive")
    assert summary.stale > 0
    assert summary.exit_code == 1
    assert summary.first_violation_s is not None


def test_every_fault_strikes_and_leaves_everything_working(fleet: Fleet) -> None:
    nemesis = Nemesis(fleet, sleep=lambda _: None)
    for fault in Fault:
        struck = nemesis.strike(planned(fault, hold_s=0.01, worker=0))

        assert struck is not None
        assert struck.kind == fault
        assert fleet.proxies[0].state().mode is RelayMode.NORMAL
        with fleet.redis.client() as client:
            assert client.ping()
            assert client.config_get("maxmemory")["maxmemory"] == str(64 * 1024**2)
        with Connection(fleet.urls[0]) as connection:
            assert connection.send(request("GET", "/readyz")).status == 200


def test_a_restart_from_a_dump_brings_back_what_was_deleted(fleet: Fleet) -> None:
    with fleet.redis.client() as client:
        client.set("word", "deleted")

    def delete(_: float) -> None:
        with fleet.redis.client() as client:
            client.delete("word")

    Nemesis(fleet, sleep=delete).strike(planned(Fault.ROLLBACK))
    with fleet.redis.client() as client:
        assert client.get("word") == b"deleted"

    Nemesis(fleet, sleep=lambda _: None).strike(planned(Fault.KILL))
    with fleet.redis.client() as client:
        assert client.dbsize() == 0
