"""The experiment with known answer times: what it counts, and one comparison from end to end."""

import random
import statistics
from dataclasses import replace

import pytest

from tests import known_truth
from tests.known_truth import DISTRIBUTIONS, Outcome

FOUND = Outcome(
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

    names = list(shown.columns[0].cells)
    assert names[-1] == "all"
    assert {"log-normal", "drift", "alone", "beside busy processes"} <= {*names}
    assert list(shown.columns[1].cells)[-1] == "3"


@pytest.mark.rest
def test_two_servers_of_known_times_are_compared_as_anybody_would() -> None:
    found = known_truth.one_run(
        "log-normal", ratio=3.0, busy=False, swapped=False, seed=1, profile="quick"
    )

    # As loose as a busy machine makes it: it is no statistic of one run.
    assert 2 < found.truth <= 3
    assert 1.5 < found.centre < 6
    assert found.observations >= 8
