from pathlib import Path

import pytest

from benchmarks.diff.runs import CaseKey, independent, read_run
from benchmarks.storage.usage import UsageError
from tests.unit.benchmarks import simulate
from tests.unit.benchmarks.capacity.steps import step, sweep_steps
from tests.unit.benchmarks.diff.runs import samples, write_run, write_sweep

CACHED = CaseKey("session", "native", "cached")
UNCACHED = CaseKey("session", "native", "uncached")


def test_a_comparison_is_read_as_times_and_speedups_of_its_blocks(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", samples(observations=6, noise=0.0))

    run = read_run(folder)

    assert (run.kind, run.name, run.restarts) == ("comparison", "run", 1)
    assert run.cells[UNCACHED].speedups is None
    assert run.cells[UNCACHED].amounts == pytest.approx([10.0] * 6)
    assert run.cells[CACHED].amounts == pytest.approx([2.5] * 6)
    assert run.cells[CACHED].speedups == pytest.approx([4.0] * 6)


def test_blocks_are_paired_by_restart_and_observation(tmp_path: Path) -> None:
    # A machine that slows down by half in every observation leaves each pair's ratio alone.
    measured = [
        simulate.sample(
            restart=0,
            action="list",
            slots="",
            observation=turn,
            block=2 * turn + number,
            variant=name,
            duration_s=1.5**turn / speedup,
        )
        for turn in range(5)
        for number, (name, speedup) in enumerate([("uncached", 1.0), ("cached", 4.0)])
    ]

    run = read_run(write_run(tmp_path / "run", [*measured[:-2], measured[-1]]))

    assert run.cells[CACHED].speedups == pytest.approx([4.0] * 4)
    assert len(run.cells[CACHED].amounts) == 5


def test_several_starts_of_the_services_count_as_one_value_each(tmp_path: Path) -> None:
    measured = samples(restarts=3, observations=10, restart_noise=0.1)

    run = read_run(write_run(tmp_path / "run", measured))

    assert run.restarts == 3
    assert len(run.cells[CACHED].amounts) == len(run.cells[CACHED].speedups or ()) == 3
    # The value of a start is the geometric mean of its blocks.
    values = {(0, 0): 1.0, (0, 1): 4.0, (1, 2): 3.0, (1, 3): 27.0}
    assert independent(values) == pytest.approx([2.0, 9.0])


def test_what_is_compared_with_itself_has_no_speedup(tmp_path: Path) -> None:
    run = read_run(write_run(tmp_path / "run", samples() + samples(regime="a/a")))

    assert {case.regime for case in run.cells} == {"native"}


def test_a_sweep_is_read_as_rates_and_speedups_of_its_rounds(tmp_path: Path) -> None:
    folder = write_sweep(tmp_path / "sweep", sweep_steps(rounds=4, noise=0.0))

    run = read_run(folder)

    cell = run.cells[CaseKey("capacity", "8 conn.", "cached")]
    assert run.kind == "sweep"
    assert cell.speedups == pytest.approx([7.0] * 4, rel=1e-3)
    assert len(cell.amounts) == 4


def test_a_step_without_answers_counts_for_nothing(tmp_path: Path) -> None:
    taken = [*sweep_steps(rounds=3), step(round=3, requests=0, hits=0, errors=9)]

    run = read_run(write_sweep(tmp_path / "sweep", taken))

    assert len(run.cells[CaseKey("capacity", "8 conn.", "cached")].amounts) == 3


def test_a_folder_without_a_run_or_with_a_damaged_or_another_one_is_refused(tmp_path: Path) -> None:
    damaged = write_run(tmp_path / "damaged", samples(observations=2))
    (damaged / "samples.csv.gz").write_bytes(b"nothing")
    other = write_run(tmp_path / "other", samples(observations=2))
    (other / "results.json").write_text('{"schema": "fivefold.results/0"}')

    for folder, complaint in (
        (tmp_path, "not the folder of a run"),
        (damaged, "raw samples"),
        (other, "its schema is not"),
    ):
        with pytest.raises(UsageError, match=complaint):
            read_run(folder)
