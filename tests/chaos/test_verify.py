"""Under faults the cached service never serves an old value, and the naive one is caught at it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.coherence.checker import check
from benchmarks.coherence.clients import ACTIONS, Client, request
from benchmarks.coherence.fleet import Fleet
from benchmarks.coherence.history import History, OperationKind
from benchmarks.coherence.summary import summarize
from benchmarks.coherence.verify.faults import Fault, Nemesis, Planned
from benchmarks.coherence.verify.run import record, verify
from benchmarks.measure.client import Connection
from benchmarks.stack.embedded import Stack
from benchmarks.stack.relay import RelayMode
from benchmarks.storage.usage import UsageError
from tests import needs
from tests.chaos.under_faults import client_of, fleet_of, options_of
from tests.waiting import until

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module", autouse=True)
def _needs_a_real_redis() -> None:
    needs.program("redis-server")


@pytest.fixture(scope="module")
def fleet(servers: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    with fleet_of("cached", servers, tmp_path_factory.mktemp("fleet"), workers=1) as fleet:
        yield fleet


def planned(fault: Fault, *, hold_s: float = 0, worker: int | None = None) -> Planned:
    return Planned(fault=fault, hold_s=hold_s, every_s=0, worker=worker)


def test_the_cached_variant_is_never_stale_while_redis_breaks(servers: Stack) -> None:
    faults = [Fault.ROLLBACK, Fault.DROP_REQUESTS, Fault.HOLD, Fault.DROP_REPLIES, Fault.RESET]
    faults.append(Fault.WORKER_KILL)
    options = options_of("cached", seconds=5, seed=1, workers=2, faults=faults, least_faults=3)
    history = record(options, {"MONGODB_URL": servers.mongo.url})
    summary = summarize(history, variant="cached")

    assert summary.violations == 0, summary
    assert summary.exit_code == 0, summary
    assert sum(summary.faults.values()) >= 3
    kinds = {operation.kind for operation in history.operations}
    assert kinds >= {OperationKind.LIST, OperationKind.ONE, OperationKind.PROFILE}


def test_a_client_notes_every_kind_of_operation(fleet: Fleet) -> None:
    with client_of(fleet) as client:
        # With few todos it creates one in place of deleting one.
        for action in (*["create"] * 6, *ACTIONS, "replay"):
            client.act(action)

    assert {operation.kind for operation in client.operations} == set(OperationKind)
    assert check(History(operations=client.operations)).findings == ()


@pytest.mark.parametrize("one_address", [False, True])
def test_the_naive_variant_which_has_no_switch_is_caught_by_the_same_checker(
    servers: Stack, tmp_path: Path, *, one_address: bool
) -> None:
    with fleet_of("naive", servers, tmp_path, workers=2, one_address=one_address) as fleet:
        assert Nemesis(fleet, sleep=lambda _: None).strike(planned(Fault.FLAG)) is None
        with client_of(fleet) as client:
            client.act("create")
            until(lambda: reads_from_redis(client), "answer from Redis")
            # It invalidates what the dump brings back.
            struck = Nemesis(fleet, sleep=lambda _: client.act("update")).strike(
                planned(Fault.ROLLBACK)
            )
            until(lambda: reads_from_redis(client), "answer from Redis")

    assert struck
    history = History(operations=client.operations, faults=[struck], one_address=one_address)
    summary = summarize(history, variant="naive")
    assert summary.stale > 0
    assert summary.exit_code == 1
    assert summary.first_violation_s is not None
    assert ("at some replica" in summary.first_violation) == one_address


def reads_from_redis(client: Client) -> bool:
    client.act("list")
    return client.operations[-1].hit


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


def test_an_unknown_variant_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="unknown variant 'magic'; choose from: cached, naive"):
        verify(seconds=1, variant="magic", seed=1, environ={}, console=Console())
