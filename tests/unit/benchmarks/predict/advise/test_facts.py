from functools import cache

import pytest

from benchmarks.predict.advise.evidence import Evidence, evidence_of
from benchmarks.predict.advise.facts import ASSUMED, WorkloadFacts, gather, live_entries
from benchmarks.predict.advise.question import LIMITS, Question
from tests.unit.benchmarks.analysis.model.requests import TRUTH, sessions, writes


@cache
def measured() -> Evidence:
    return evidence_of([*sessions(), *writes()])


def facts_of(evidence: Evidence | None = None, /, **numbers: float) -> WorkloadFacts:
    return gather(Question.asked(**numbers), evidence)


def test_every_number_is_an_option_and_what_nobody_says_is_assumed_with_the_reason() -> None:
    facts = facts_of()

    assert set(facts.numbers) == set(LIMITS)
    assert facts["db_ms"] == ASSUMED["db_ms"][0]
    assert facts.numbers["db_ms"].origin == "assumed: the claim's own 50 ms; measure yours"
    assert facts["write_ms"] == pytest.approx(facts.model.uncached_ms)
    assert all(known.assumed for name, known in facts.numbers.items() if name != "hit_ratio")


def test_a_run_comes_before_what_is_assumed_and_the_options_before_the_run() -> None:
    facts = facts_of(measured(), db_ms=20)

    assert facts["db_ms"] == 20
    assert facts.numbers["db_ms"].origin == "given (--db-ms)"
    assert facts["hit_ms"] == pytest.approx(TRUTH.hit_ms)
    assert facts.numbers["hit_ms"].origin == "measured: cached, native"
    assert facts.numbers["users"].assumed


def test_a_hit_ratio_is_predicted_from_the_workload_and_a_given_one_stands_beside_it() -> None:
    predicted = facts_of(users=1000, rate=100, skew=0.99, ttl=10, writes=0)
    given = facts_of(hit_ratio=0.7)
    # Writes are a share of all requests.
    half = facts_of(users=10, rate=10, writes=0.5).hit_ratio

    assert predicted.hit_ratio == pytest.approx(0.71, abs=0.005)
    assert predicted.numbers["hit_ratio"].origin.startswith("predicted from users")
    assert given.hit_ratio == 0.7
    assert given.predicted_hit_ratio == pytest.approx(0.924, abs=0.005)
    assert 0.45 <= half < 0.5


def test_a_run_s_hit_ratio_is_taken_until_a_workload_is_said() -> None:
    plain, busy = facts_of(measured()), facts_of(measured(), users=10, writes=0.0)

    assert plain.hit_ratio == 0.8
    assert "sessions of 5 reads from a cold cache" in plain.numbers["hit_ratio"].origin
    assert busy.hit_ratio == busy.predicted_hit_ratio


@pytest.mark.parametrize("evidence", [None, measured()], ids=["assumed", "measured"])
def test_reads_are_as_long_as_the_model_says(evidence: Evidence | None) -> None:
    facts = facts_of(evidence, db_ms=20)

    assert facts.uncached.mean_ms == pytest.approx(facts.model.uncached_ms)
    assert facts.hits.mean_ms == pytest.approx(facts.model.hit_total_ms)
    assert facts.misses.mean_ms == pytest.approx(facts.model.miss_total_ms)


def test_an_entry_is_there_as_often_as_its_reads_hit() -> None:
    quiet = facts_of(users=100, skew=0, rate=1, ttl=100, writes=0)
    busy = facts_of(users=100, skew=0, rate=1e4, writes=0)

    assert live_entries(quiet) == pytest.approx(50, abs=0.1)
    assert live_entries(busy) == pytest.approx(100, abs=1)
