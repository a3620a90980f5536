from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.analysis.stats.intervals import Interval
from benchmarks.micro.saved import (
    BenchmarkRow,
    UnreadableRun,
    grouped,
    load_run,
    percentile,
    ratio_of_medians,
    reference_of,
)
from tests.unit.benchmarks.micro.saves import entry, measured, save


def test_a_saved_run_is_read_and_one_that_is_not_ours_too(tmp_path: Path) -> None:
    times_s = (0.001, 0.003)
    info: dict[str, Any] = {
        "variant": "cached",
        "outcome": "hit",
        "operations_per_round": 32,
        "new": "field",
    }
    ours = entry(times_s, iterations=10, **info)

    measured, foreign = load_run(save(tmp_path / "run", ours, entry(group=None))).benchmarks

    assert (measured.metadata.variant, measured.metadata.outcome) == ("cached", "hit")
    assert measured.times_s == times_s
    assert measured.operations_per_round == 320
    assert foreign.metadata.variant == "-"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "is empty; the run that was to write it did not finish"),
        (" \n", "is empty"),
        ("# a report", r"is not JSON: expected value at line 1"),
        ('{"benchmarks": [', "is not JSON"),
        ("\ufeff\x00", "is not JSON"),
        ("[]", r"is not a file that pytest-benchmark saved: the whole file"),
        ('{"state": "complete"}', "is not a file that pytest-benchmark saved: datetime"),
        ('{"datetime": "", "version": "", "benchmarks": []}', "holds no benchmark"),
    ],
)
def test_what_is_no_saved_run_is_refused_with_the_reason(
    tmp_path: Path, content: str, why: str
) -> None:
    path = tmp_path / "run.json"
    path.write_text(content)

    with pytest.raises(UnreadableRun, match=why):
        load_run(path)
    for unread, reason in ((tmp_path / "nowhere", "No such file"), (tmp_path, "Is a directory")):
        with pytest.raises(UnreadableRun, match=f"{unread} cannot be read: {reason}"):
            load_run(unread)


@pytest.mark.parametrize("data", [[], [-0.1], [float("nan")], [float("inf")], ["fast"], None])
def test_times_that_are_none_are_refused_and_missing_ones_say_how_to_save_them(
    tmp_path: Path, data: Any
) -> None:
    why = r"JSON|benchmarks\.1\.stats\.data" if data is not None else "--benchmark-save-data"

    with pytest.raises(UnreadableRun, match=why):
        load_run(save(tmp_path / "run.json", entry(), entry(data)))


RUNS = 100
TRUE_RATIO = 3.0


def rows(*times_and_info: tuple[list[float], dict[str, Any]]) -> tuple[BenchmarkRow, ...]:
    [group] = grouped([measured(times_s, **info) for times_s, info in times_and_info])
    return group.rows


def test_groups_come_in_the_order_of_measuring() -> None:
    groups = grouped([measured([1], group=name) for name in ("writes", "reads", "writes")])

    assert [(group.name, len(group.rows)) for group in groups] == [("writes", 2), ("reads", 1)]


def test_a_row_has_percentiles_and_operations_per_second() -> None:
    [row] = rows(([number / 1000 for number in range(1, 102)], {}))

    assert (row.p50_s, row.p95_s, row.p99_s) == pytest.approx((0.051, 0.096, 0.1))
    assert row.operations_per_s == pytest.approx(1 / 0.051)


@pytest.mark.parametrize(("rounds", "percent"), [(19, 95), (99, 99)])
def test_a_percentile_that_would_be_the_maximum_is_not_given(rounds: int, percent: int) -> None:
    assert percentile([1.0] * rounds, percent) is None
    assert percentile([1.0] * (rounds + 1), percent) == 1.0


def test_uncached_is_the_reference_even_beside_one_that_says_it_is() -> None:
    marked = measured([1], variant="naive", reference=True)
    uncached = measured([1], variant="uncached")

    assert reference_of([marked, uncached]) is uncached
    assert reference_of([measured([1], variant="cached"), marked]) is marked
    assert reference_of([measured([1], variant="cached")]) is None


def test_only_the_others_have_a_ratio_and_a_median_of_zero_has_none() -> None:
    cached, naive = {"variant": "cached"}, {"variant": "naive"}
    reference, row, zero = rows(
        ([4.0] * 9, {"variant": "uncached"}), ([1.0] * 9, cached), ([0.0], naive)
    )

    assert (reference.is_reference, reference.ratio) == (True, None)
    assert not row.is_reference
    assert row.ratio
    assert (row.ratio.low, row.ratio.centre, row.ratio.high) == (4.0, 4.0, 4.0)
    assert (zero.ratio, zero.operations_per_s) == (None, None)
    # One round is enough for a ratio without spread.
    assert ratio_of_medians([3.0], [1.0]) == Interval(3.0, 3.0, 3.0)
    # Without a reference nothing has one.
    assert [row.ratio for row in rows(([1.0], cached), ([2.0], naive))] == [None, None]


def test_the_same_data_give_the_same_interval() -> None:
    rng = np.random.default_rng(7)
    reference, variant = rng.lognormal(size=50).tolist(), rng.lognormal(size=50).tolist()

    assert ratio_of_medians(reference, variant) == ratio_of_medians(reference, variant)


def smooth(rng: np.random.Generator, memory: float) -> np.ndarray:
    """Return noise in which each value resembles the one before: an AR(1) process for each run."""
    noise = rng.normal(0, 1, (200, RUNS))
    for at in range(1, len(noise)):
        noise[at] = memory * noise[at - 1] + np.sqrt(1 - memory**2) * noise[at]
    return np.exp(0.2 * noise).T


@pytest.mark.rest
@pytest.mark.parametrize(("memory", "least"), [(0.0, 0.91), (0.5, 0.86)])
def test_the_95_percent_interval_covers_the_true_ratio(
    monkeypatch: pytest.MonkeyPatch, memory: float, least: float
) -> None:
    monkeypatch.setattr("benchmarks.micro.saved.RESAMPLES", 200)
    rng = np.random.default_rng(3)
    covered = 0
    for reference, variant in zip(smooth(rng, memory), smooth(rng, memory), strict=True):
        interval = ratio_of_medians((TRUE_RATIO * reference).tolist(), variant.tolist())
        assert interval
        covered += interval.low <= TRUE_RATIO <= interval.high

    assert least <= covered / RUNS <= 0.99
