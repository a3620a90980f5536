"""The experiment with known answer times: what it counts, and one comparison from end to end."""

import math
import random
import statistics
from dataclasses import asdict, replace
from pathlib import Path
from statistics import NormalDist

import pytest

from benchmarks.analysis.stats.intervals import CONFIDENCE, t_quantile
from tests import known_truth
from tests.known_truth import DISTRIBUTIONS, TruthOutcome, TruthSetting
from tests.unit.benchmarks import simulate

FOUND = TruthOutcome(
    distribution="log-normal",
    busy=False,
    swapped=False,
    seed=1,
    truth=2.0,
    centre=2.2,
    low=2.0,
    high=2.42,
    widening=2.0,
    observations=30,
)


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_every_distribution_has_the_mean_that_the_truth_is_made_of(name: str) -> None:
    rng = random.Random(1)

    # Ten minutes, so that what wanders and what comes in bursts is averaged out.
    drawn = [DISTRIBUTIONS[name](rng, number / 100) for number in range(60_000)]

    assert statistics.fmean(drawn) == pytest.approx(1, rel=0.03)


def test_an_interval_holds_the_truth_as_it_is_judged_and_not_by_its_blocks() -> None:
    # Twice as wide as its blocks make it, it just reaches the truth.
    at_edge = replace(FOUND, low=2.0 * (1 - 1e-9), high=2.42 * (1 + 1e-9))

    assert at_edge.holds(widened=True)
    assert not at_edge.holds(widened=False)
    assert at_edge.score == pytest.approx(2 * 1.699, rel=1e-3)


def test_a_swapped_run_counts_as_if_nothing_had_been_swapped() -> None:
    turned = replace(FOUND, swapped=True, truth=1 / 2.0, centre=1 / 2.2, low=1 / 2.42, high=1 / 2.0)

    assert turned.error == pytest.approx(FOUND.error)
    assert turned.score == pytest.approx(FOUND.score)


def test_runs_are_counted_by_what_they_have_in_common() -> None:
    runs = [FOUND, replace(FOUND, busy=True), replace(FOUND, swapped=True, distribution="drift")]

    shown = known_truth.table(runs)

    counts = {each[0]: each[1] for each in shown.rows}
    assert list(counts)[-1] == "all"
    assert {"log-normal": "2", "drift": "1", "alone": "2", "all": "3"}.items() <= counts.items()


def run(score: float, *, swapped: bool = False) -> TruthOutcome:
    """Return a run that is so many standard errors off, of a ratio of 2."""
    truth = 0.5 if swapped else 2.0
    half = 0.1 * t_quantile(29, CONFIDENCE)
    centre = truth * math.exp(-0.1 * score if swapped else 0.1 * score)
    return replace(
        FOUND,
        swapped=swapped,
        truth=truth,
        centre=centre,
        low=centre * math.exp(-half),
        high=centre * math.exp(half),
        widening=1.0,
    )


def runs(*, many: int = 300, **changes: float) -> list[TruthOutcome]:
    """Return runs whose scores are those of a normal value, in an order of chance."""
    off, by_swapping = changes.get("off", 0.0), changes.get("by_swapping", 0.0)
    scores = [NormalDist().inv_cdf((number + 0.5) / many) + off for number in range(many)]
    random.Random(1).shuffle(scores)
    return [
        run(score + by_swapping * (number % 2), swapped=bool(number % 2))
        for number, score in enumerate(scores)
    ]


@pytest.mark.parametrize(
    ("given", "met"),
    [
        (runs(), [True, True, True, True]),
        (runs(off=0.3), [True, False, True, True]),
        (runs(by_swapping=1.0)[:60], [True, False, True, False]),
        ([run(0.1), run(-0.1)], [False, True]),
        ([run(9.0), run(-9.0)] * 8 + runs(many=284), [True, True, False, True]),
    ],
    ids=["right", "biased", "by order", "too wide", "one series"],
)
def test_all_runs_together_are_held_against_the_bar(
    given: list[TruthOutcome], met: list[bool]
) -> None:
    assert list(known_truth.bars(given).values()) == met


def test_the_next_run_is_of_what_has_been_run_least() -> None:
    outcomes = list[TruthOutcome]()
    for _ in range(20):
        setting = known_truth.next_setting(outcomes, [False, True])
        outcomes.append(replace(FOUND, **asdict(setting)))

    kinds = {(each.distribution, each.busy, each.swapped) for each in outcomes}
    assert len(kinds) == 20
    assert not known_truth.next_setting(outcomes, [False]).busy


def test_what_was_collected_before_counts_with_what_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(known_truth, "one_run", lambda _: FOUND)
    file = tmp_path / "runs.jsonl"

    first = known_truth.main(["--runs", "2", "--out", f"{file}"])
    second = known_truth.main(["--runs", "1", "--out", f"{file}"])

    assert (first, second) == (3, 3)
    assert known_truth.read_lines(file) == [asdict(FOUND)] * 3
    assert "Too few runs" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("beyond_ms", "ratio"),
    [(0.0, 2.0), (1.0, 7 / 4), (1000.0, 1006 / 1003)],
    ids=["none", "some", "all"],
)
def test_what_the_machine_adds_to_both_brings_the_true_ratio_nearer_to_one(
    beyond_ms: float, ratio: float
) -> None:
    # Both are slow here by the same: what was drawn is no part of what was added.
    samples = [
        simulate.sample(
            variant=name, observation=number, duration_s=(app_ms + beyond_ms) / 1000, app_ms=app_ms
        )
        for name, app_ms in (("first", 6.0), ("second", 3.0))
        for number in range(5)
    ]
    others = simulate.sample(duration_s=9.0, app_ms=0.0, regime="a/a")

    found = known_truth.true_ratio(
        [*samples, others], [0.006, 0.003], lambda _rng, _now: 1.0, random.Random(1)
    )

    assert found == pytest.approx(ratio)


@pytest.mark.rest
def test_two_servers_of_known_times_are_compared_as_anybody_would() -> None:
    setting = TruthSetting(distribution="log-normal", busy=False, swapped=False)

    found = known_truth.one_run(setting)

    # As loose as a busy machine makes it: it is no statistic of one run.
    assert 1 < found.truth <= 1.2
    assert 0.2 < found.centre < 5
    assert found.observations >= 8
