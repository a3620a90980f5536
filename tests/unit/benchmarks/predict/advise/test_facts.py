import pytest

from benchmarks.predict.advise.evidence import Evidence, evidence_of
from benchmarks.predict.advise.facts import ASSUMED, gather, live_entries
from benchmarks.predict.advise.question import LIMITS, Question
from tests.unit.benchmarks.analysis.model.requests import TRUTH, sessions, writes


def measured() -> Evidence:
    return evidence_of([*sessions(), *writes()])


def test_what_nobody_says_is_assumed_and_says_why() -> None:
    facts = gather(Question.asked(), None)

    assert facts["db_ms"] == ASSUMED["db_ms"][0]
    assert facts.numbers["db_ms"].origin == "assumed: the claim's own 50 ms; measure yours"
    assert facts["write_ms"] == pytest.approx(facts.model.uncached_ms)
    assert all(known.assumed for name, known in facts.numbers.items() if name != "hit_ratio")


def test_every_number_is_an_option() -> None:
    assert set(gather(Question.asked(), None).numbers) == set(LIMITS)


def test_a_run_comes_before_what_is_assumed_and_the_options_before_the_run() -> None:
    facts = gather(Question.asked(db_ms=20), measured())

    assert facts["db_ms"] == 20
    assert facts.numbers["db_ms"].origin == "given (--db-ms)"
    assert facts["hit_ms"] == pytest.approx(TRUTH.hit_ms)
    assert facts.numbers["hit_ms"].origin == "measured: cached, native"
    assert facts.numbers["users"].assumed


def test_a_hit_ratio_is_predicted_from_the_workload() -> None:
    facts = gather(Question.asked(users=1000, rate=100, skew=0.99, ttl=10, writes=0), None)

    assert facts.hit_ratio == pytest.approx(0.71, abs=0.005)
    assert facts.numbers["hit_ratio"].origin.startswith("predicted from users")


def test_writes_are_a_share_of_all_requests() -> None:
    facts = gather(Question.asked(users=10, rate=10, writes=0.5), None)

    assert facts.hit_ratio == pytest.approx(0.5, abs=0.05)
    assert facts.hit_ratio < 0.5


def test_a_given_hit_ratio_stands_beside_the_predicted_one() -> None:
    facts = gather(Question.asked(hit_ratio=0.7), None)

    assert facts.hit_ratio == 0.7
    assert facts.predicted_hit_ratio == pytest.approx(0.924, abs=0.005)


def test_a_run_s_hit_ratio_is_taken_until_a_workload_is_said() -> None:
    plain = gather(Question.asked(), measured())
    busy = gather(Question.asked(users=10, writes=0.0), measured())

    assert plain.hit_ratio == 0.8
    assert "sessions of 5 reads from a cold cache" in plain.numbers["hit_ratio"].origin
    assert busy.hit_ratio == busy.predicted_hit_ratio


def test_reads_are_as_long_as_the_model_says_whether_measured_or_assumed() -> None:
    for evidence in (None, measured()):
        facts = gather(Question.asked(db_ms=20), evidence)

        assert facts.uncached.mean_ms == pytest.approx(facts.model.uncached_ms)
        assert facts.hits.mean_ms == pytest.approx(facts.model.hit_total_ms)
        assert facts.misses.mean_ms == pytest.approx(facts.model.miss_total_ms)


def test_an_entry_is_there_as_often_as_its_reads_hit() -> None:
    quiet = gather(Question.asked(users=100, skew=0, rate=1, ttl=100, writes=0), None)
    busy = gather(Question.asked(users=100, skew=0, rate=1e4, writes=0), None)

    assert live_entries(quiet) == pytest.approx(50, abs=0.1)
    assert live_entries(busy) == pytest.approx(100, abs=1)
