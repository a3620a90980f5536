from pathlib import Path

import pytest

from benchmarks.diff.runs import CaseKey, independent, read_run
from benchmarks.storage.usage import UsageError
from tests.unit.benchmarks import simulate
from tests.unit.benchmarks.diff.runs import samples, write_run

CACHED = CaseKey("session", "native", "cached")


def test_a_comparison_is_read_as_the_speedups_of_its_blocks(tmp_path: Path) -> None:
    measured = samples(observations=6, noise=0.0) + samples(regime="a/a")

    run = read_run(write_run(tmp_path / "run", measured))

    # Neither the reference nor what is compared with itself has a speedup.
    assert run.speedups == {CACHED: pytest.approx([4.0] * 6)}


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

    assert run.speedups[CACHED] == pytest.approx([4.0] * 4)


def test_several_starts_of_the_services_count_as_one_value_each(tmp_path: Path) -> None:
    run = read_run(write_run(tmp_path / "run", samples(restarts=3, observations=10)))

    assert len(run.speedups[CACHED]) == 3
    # The value of a start is the geometric mean of its blocks.
    values = {(0, 0): 1.0, (0, 1): 4.0, (1, 2): 3.0, (1, 3): 27.0}
    assert independent(values) == pytest.approx([2.0, 9.0])


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
