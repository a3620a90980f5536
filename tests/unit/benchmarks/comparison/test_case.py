from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.progress import Progress

from benchmarks.analysis.header import BlockPlan, Case
from benchmarks.comparison.case import CaseMeasurement
from benchmarks.scenarios import SCENARIOS
from benchmarks.stack.dataset import make_dataset
from benchmarks.storage.records import Regime, Sample
from benchmarks.storage.run_folder import Run
from tests.unit.benchmarks.fake_dependencies import Fakes


@pytest.fixture(name="run")
def _run(tmp_path: Path) -> Run:
    return Run.create(tmp_path / "reports", "quick", datetime(2026, 1, 1, tzinfo=UTC))


DATA = make_dataset(seed=1, users=4, todos_per_user=1, payload_bytes=5)


def measure(
    fakes: Fakes,
    run: Run,
    plan: BlockPlan,
    *,
    regime: str = "native",
    scenario: str = "session",
    controls: bool = False,
    restart: int = 0,
) -> tuple[list[Sample], list[str]]:
    """Return the samples, and the regimes that servers were slowed for, one after another."""
    slowed: list[str] = []

    @contextmanager
    def slow(regime: Regime) -> Iterator[None]:
        slowed.append(regime.name)
        yield
        slowed.append("as before")

    measurement = CaseMeasurement(
        scenarios=SCENARIOS,
        twinned=["uncached", "cached"],
        controls=controls,
        seed=1,
        dependencies=fakes.dependencies(),
        run=run,
        slowed=slow,
        restart=restart,
        origin_ns=0,
    )
    case = Case(scenario=scenario, regime=regime, plan=plan)
    with (
        fakes.variants("uncached", "cached", data=DATA) as running,
        Progress(disable=True) as progress,
    ):
        measurement.measure(case, running, progress)
    return run.samples(), slowed


@pytest.mark.parametrize("sessions", [1, 3])
def test_a_case_stops_as_soon_as_its_ratio_is_known(fakes: Fakes, run: Run, sessions: int) -> None:
    samples, _ = measure(fakes, run, BlockPlan(40, sessions))

    # All times are equal: eight observations, two more, and that is enough.
    assert {sample.observation for sample in samples} == set(range(10))


def test_a_ratio_that_varies_is_measured_as_often_as_was_planned(fakes: Fakes, run: Run) -> None:
    class Slowing(Fakes):
        turns = 0

        def clock_ns(self) -> int:
            self.turns += 1
            # Every block is a different time, and no two are alike.
            return self.turns**3 * 1000

    samples, _ = measure(Slowing(folder=fakes.folder), run, BlockPlan(14, 1))

    assert {sample.observation for sample in samples} == set(range(14))


def test_noise_measures_each_variant_twice_and_never_stops_early(fakes: Fakes, run: Run) -> None:
    samples, _ = measure(fakes, run, BlockPlan(12, 1), regime="a/a")

    assert {sample.variant for sample in samples} == {
        *("uncached", "uncached again", "cached", "cached again")
    }
    assert {sample.observation for sample in samples} == set(range(12))


def test_the_reference_is_also_measured_with_delays_that_are_known(fakes: Fakes, run: Run) -> None:
    samples, slowed = measure(fakes, run, BlockPlan(2, 3), regime="a/a", controls=True)

    sessions = Counter(sample.variant for sample in samples if sample.index == 0)
    assert sessions["uncached"] == sessions["uncached again"] == 2 * 3
    assert sessions["uncached +1 ms"] == sessions["uncached +20 ms"] == 2
    assert "cached +1 ms" not in sessions
    assert Counter(slowed) - Counter(["as before"] * 29) == {
        "a/a": 1,
        "db+1ms": 2,
        "db+20ms": 2,
        "native": 24,
    }
    assert [sample.block for sample in samples[::5]] == list(range(28))


def test_the_sessions_of_an_observation_take_turns(fakes: Fakes, run: Run) -> None:
    samples, _ = measure(fakes, run, BlockPlan(2, 2))

    in_order = samples[::5]
    assert [(each.observation, each.user) for each in in_order] == [
        *[(0, 0)] * 2,
        *[(0, 1)] * 2,
        *[(1, 2)] * 2,
        *[(1, 3)] * 2,
    ]
    names = [each.variant for each in in_order]
    assert names[:2] == names[3:1:-1]
    assert names[4:6] == names[7:5:-1]


def test_a_mix_runs_its_whole_block_at_once(fakes: Fakes, run: Run) -> None:
    samples, _ = measure(fakes, run, BlockPlan(2, 30), scenario="uniform")

    assert Counter(sample.block for sample in samples) == dict.fromkeys(range(4), 30)


def test_numbers_count_up_over_the_restarts(fakes: Fakes, run: Run) -> None:
    measure(fakes, run, BlockPlan(4, 1))
    samples, _ = measure(fakes, run, BlockPlan(4, 1), restart=1)

    assert [sample.block for sample in samples[::5]] == list(range(16))
    assert {(sample.restart, sample.observation) for sample in samples} == {
        (number // 4, number) for number in range(8)
    }


def test_the_servers_are_slowed_for_the_case_alone(fakes: Fakes, run: Run) -> None:
    _, slowed = measure(fakes, run, BlockPlan(2, 1), regime="db+1ms")

    assert slowed == ["db+1ms", "as before"]
