from pathlib import Path
from typing import Any

import pytest

from benchmarks.micro.saved import grouped, load_run, reference_of, times_faster
from benchmarks.storage.usage import UsageError
from tests.unit.benchmarks.micro.saves import entry, measured, save


def test_a_saved_run_is_read_and_one_that_is_not_ours_too(tmp_path: Path) -> None:
    times_s = (0.001, 0.003)
    info: dict[str, Any] = {"variant": "cached", "outcome": "hit", "new": "field"}
    ours = entry(times_s, iterations=10, **info)

    measured, foreign = load_run(save(tmp_path / "run", ours, entry(group=None))).benchmarks

    assert (measured.metadata.variant, measured.metadata.outcome) == ("cached", "hit")
    assert measured.times_s == times_s
    assert foreign.metadata.variant == "-"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "the whole file: Invalid JSON"),
        ("# a report", "the whole file: Invalid JSON"),
        ("[]", "the whole file"),
        ('{"state": "complete"}', "datetime"),
    ],
)
def test_what_is_no_saved_run_is_refused_with_the_reason(
    tmp_path: Path, content: str, why: str
) -> None:
    path = tmp_path / "run.json"
    path.write_text(content)

    with pytest.raises(UsageError, match=f"not a file that pytest-benchmark saved: {why}"):
        load_run(path)
    with pytest.raises(UsageError, match="holds no benchmark"):
        load_run(save(path))
    with pytest.raises(UsageError, match="nowhere cannot be read: No such file"):
        load_run(tmp_path / "nowhere")


@pytest.mark.parametrize("data", [[], [-0.1], [float("nan")], ["fast"], None])
def test_times_that_are_none_are_refused_and_missing_ones_say_how_to_save_them(
    tmp_path: Path, data: Any
) -> None:
    why = r"JSON|benchmarks\.1\.stats\.data" if data is not None else "--benchmark-save-data"

    with pytest.raises(UsageError, match=why):
        load_run(save(tmp_path / "run.json", entry(), entry(data)))


def test_groups_come_in_the_order_of_measuring() -> None:
    groups = grouped([measured([1], group=name) for name in ("writes", "reads", "writes")])

    assert {name: len(members) for name, members in groups.items()} == {"writes": 2, "reads": 1}
    assert list(groups) == ["writes", "reads"]


def test_a_benchmark_has_percentiles_and_operations_per_second() -> None:
    of = measured([number / 1000 for number in range(1, 102)])

    found = (of.median_s, of.percentile_s(95), of.percentile_s(99))
    assert found == pytest.approx((0.051, 0.096, 0.1))
    assert of.operations_per_s == pytest.approx(1 / 0.051)


@pytest.mark.parametrize(("rounds", "percent"), [(19, 95), (99, 99)])
def test_a_percentile_that_would_be_the_maximum_is_not_given(rounds: int, percent: int) -> None:
    assert measured([1.0] * rounds).percentile_s(percent) is None
    assert measured([1.0] * (rounds + 1)).percentile_s(percent) == 1.0


def test_the_ratio_is_that_of_the_medians_if_there_are_both() -> None:
    slow, fast = measured([4.0, 4.0, 9.0]), measured([1.0, 1.0, 9.0])

    assert times_faster(slow, fast) == 4.0
    assert times_faster(reference_of([fast]), fast) is None
    assert times_faster(slow, measured([0.0])) is None
