from pathlib import Path

import pytest

from benchmarks.coherence.probe import run as module
from benchmarks.coherence.probe.run import probe
from benchmarks.stack.errors import StackError
from benchmarks.storage.records import Coherence
from tests.unit.benchmarks.fake_http import handler_for, listening
from tests.unit.benchmarks.fake_service import FakeCeiling, Faults
from tests.unit.benchmarks.world import World

SECONDS = 0.2


def probed(folder: Path, faults: Faults | None = None) -> Coherence:
    world = World(folder=folder, faults=faults or Faults())
    with world.start_service(database="d", redis_url="redis://r:1/0") as service:
        return probe("cached", service.url, seconds=SECONDS, seed=1)


def test_a_service_that_answers_right_has_no_wrong_read(tmp_path: Path) -> None:
    found = probed(tmp_path)

    assert found.wrong == found.errors == 0
    assert found.variant == "cached"
    assert min(found.reads, found.hits, found.writes) > 0


def test_a_cache_that_writers_do_not_reach_is_caught(tmp_path: Path) -> None:
    found = probed(tmp_path, Faults(never_invalidates=True))

    assert found.stale > 0
    assert found.first


def test_a_probe_ends_early_after_as_many_operations_as_it_may_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_OPERATIONS", 5)
    with World(folder=tmp_path).start_service(database="d", redis_url=None) as service:
        found = probe("uncached", service.url, seconds=60, seed=1)

    assert found.seconds < 30


def test_a_probe_without_writes_goes_on_for_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LEAST_WRITES", 10**9)
    monkeypatch.setattr(module, "LONGEST", 3)

    assert probed(tmp_path).seconds > 2 * SECONDS


def test_a_variant_that_registers_nobody_is_an_error() -> None:
    with (
        listening(handler_for(FakeCeiling(lambda _: None))) as service,
        pytest.raises(StackError, match="registers nobody"),
    ):
        probe("static", service.url, seconds=SECONDS, seed=1)


def test_a_variant_that_lets_nobody_log_in_was_not_checked(tmp_path: Path) -> None:
    assert probed(tmp_path, Faults(login_status=503)).reads == 0
