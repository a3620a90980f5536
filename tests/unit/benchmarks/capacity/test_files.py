import csv
import gzip
from pathlib import Path

import pytest

from benchmarks.capacity.files import CapacityRun, StepsUnreadable
from tests.unit.benchmarks.capacity.steps import step


@pytest.fixture(name="run")
def _run(tmp_path: Path) -> CapacityRun:
    path = tmp_path / "20260101-000000-capacity-ab12"
    path.mkdir()
    return CapacityRun(path)


def test_steps_come_back_as_they_were_and_the_first_makes_a_sweep_the_latest_run(
    run: CapacityRun,
) -> None:
    steps = [step(p50_us=0.1 + 0.2), step(place=1, service_cores=None)]
    link = run.path.with_name("latest")
    before = link.exists()

    for each in steps:
        run.append_step(each, [1, 2])

    assert run.steps() == steps
    assert not before
    assert link.resolve() == run.path.resolve()


def test_every_latency_is_kept_as_a_count_by_step(run: CapacityRun) -> None:
    run.append_step(step(), [7, 5, 7])
    run.append_step(step(place=1), [9])

    text = gzip.decompress(run.latencies_file.read_bytes()).decode()
    assert list(csv.reader(text.splitlines())) == [
        ["place", "latency_us", "requests"],
        ["0", "5", "1"],
        ["0", "7", "2"],
        ["1", "9", "1"],
    ]


@pytest.mark.parametrize("text", ["", "round,place\n0,0\n", None])
def test_what_holds_no_steps_or_a_damaged_line_is_refused(
    run: CapacityRun, text: str | None
) -> None:
    run.append_step(step(), [1])
    whole = run.steps_file.read_text()
    run.steps_file.write_text(whole[:-10] if text is None else text)

    with pytest.raises(StepsUnreadable, match="cannot be read as steps"):
        run.steps()
