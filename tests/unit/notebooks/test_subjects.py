"""What the cells of each notebook call, with the published run and with numbers known by heart."""

from dataclasses import replace

import pytest

from benchmarks.analysis.quantities.capacity import summarise_sweep
from benchmarks.coherence.race.findings import RaceStep, exit_code
from benchmarks.storage.records import SweepStep
from benchmarks.storage.usage import UsageError
from notebooks.lib import claim, coherence, tails
from notebooks.lib.data import published
from notebooks.lib.hits import measured
from notebooks.lib.pays import in_words
from tests.unit.benchmarks.capacity.steps import step as sweep_step
from tests.unit.benchmarks.coherence.race.races import recording


@pytest.fixture(autouse=True)
def _not_live(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FIVEFOLD_LIVE", raising=False)


# 1. the claim


def test_the_tutorial_is_told_as_it_tells_itself() -> None:
    rows = claim.stated().rows

    assert rows[:2] == [("request 1", "50", "50"), ("request 2", "50", "1")]
    assert rows[-1] == ("total", "250", "54")


def test_what_was_measured_stands_below_what_was_claimed() -> None:
    claimed, *rows = claim.measured_sessions(published().results).rows

    assert claimed == ("the tutorial", "250", "54.0", "4.63x")
    assert [row[0] for row in rows] == ["native", "50ms-per-request", "50ms-per-query"]
    assert all("[" in cell for row in rows for cell in row[1:])


def test_the_tutorials_own_numbers_reach_five_at_the_sixth_read_and_some_are_never_reached() -> (
    None
):
    tutorial, *_ = claim.first_at(published().results, 5.0).rows
    never = claim.first_at(published().results, 1e6).rows

    assert tutorial == ("the tutorial", "50.00x", "n = 6")
    assert {row[-1] for row in never} == {"never"}


def test_the_picture_of_the_bound_says_what_it_draws() -> None:
    figure = claim.bound(5)

    assert figure.alt == "S(5) = 4.63x, below n = 5; 5x first at n = 6."
    assert figure.table.rows[-1] == ("5", "4.63")
    assert "5x at no n at all" in claim.bound(5, database_ms=2.0).caption


# 2. and 3. hit ratios, and where a cache pays


def test_the_published_points_agree() -> None:
    points = measured().points

    assert [point.within for point in points] == [True] * 7
    assert [point.name for point in points if not point.reads] == []


def test_own_numbers_become_the_factor_and_the_verdict() -> None:
    text = in_words(db_ms=49, app_ms=1, hit_ms=0.5, miss_ms=0, hit_ratio=0.8, writes=0.3)

    # A read takes 50 ms without, and 1 + 0.8 x 0.5 + 0.2 x 49 = 11.2 ms with a cache.
    assert text.startswith("**4.46x** for the mean read. Yes, a cache is worth it here")
    assert "No, a cache is not worth it here" in in_words(db_ms=1, hit_ms=2, hit_ratio=0.9)
    with pytest.raises(UsageError, match="--hit-ratio"):
        in_words(hit_ratio=1.5)


# 4. coherence


def test_the_published_race_is_one_that_naive_loses_and_ours_does_not() -> None:
    race = coherence.recorded()

    assert [each.variant for each in race.recordings] == ["naive", "cached"]
    assert exit_code(race.recordings) == 0


def test_a_shorter_life_of_an_entry_costs_hits() -> None:
    rows = coherence.by_ttl([300, 10], reads_per_second=1 / 5).rows

    # The renewal formula: 60 of 61 reads, and 2 of 3.
    assert rows == [("300 s", "0.98"), ("10 s", "0.67")]


def test_what_a_race_leaves_behind_and_when_it_comes_is_said() -> None:
    naive = recording("naive")
    last = naive.state_after(RaceStep.READ_AGAIN)

    assert coherence.where(last) == "MongoDB has **after**, Redis has **before, for 297 s more**"
    assert coherence.late_by_ms(naive) == 10
    with pytest.raises(ValueError, match="nothing was held while naive played"):
        coherence.late_by_ms(replace(naive, arrived_ns=None))


# 5. tails and queues


def test_a_lone_request_gains_another_factor_than_all_of_them_together() -> None:
    def step(variant: str, connections: int, requests: int) -> SweepStep:
        return sweep_step(variant=variant, connections=connections, seconds=1.0, requests=requests)

    steps = [step("off", 1, 20), step("off", 8, 100), step("on", 1, 500), step("on", 8, 1000)]
    points = summarise_sweep(steps, variants=["off", "on"], ceiling=None)

    said = tails.two_gains(points, "off", "on")

    assert "**25.00x** as fast" in said
    assert "1 000 and 100 answers per second: **10.00x** as many" in said
