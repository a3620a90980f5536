from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from benchmarks.predict.advise.answer import (
    Evidence,
    WorkloadFacts,
    evidence_of,
    gather,
)
from benchmarks.predict.advise.question import NUMBERS, Question
from benchmarks.report.results import assemble
from benchmarks.storage.records import Sample
from benchmarks.storage.usage import UsageError
from tests.unit.benchmarks.analysis.model.requests import TRUTH, WRITE_MS, sessions, writes
from tests.unit.benchmarks.simulate import header, scenario


def evidence(samples: Sequence[Sample]) -> Evidence:
    described = (scenario(), scenario("writes"))
    return evidence_of(assemble(header(scenarios=described), samples))


@cache
def measured() -> Evidence:
    return evidence([*sessions(), *writes()])


def facts_of(evidence: Evidence | None = None, /, **numbers: float) -> WorkloadFacts:
    return gather(Question.asked(Path("run"), **numbers), evidence)


def test_every_number_is_an_option_and_what_nobody_says_is_assumed() -> None:
    facts = facts_of()

    assert list(facts.numbers) == list(NUMBERS)
    assert facts["db_ms"] == NUMBERS["db_ms"].assumed
    assert facts["write_ms"] == pytest.approx(facts.model.uncached_ms)
    origins = {name: known.origin for name, known in facts.numbers.items()}
    assert origins == dict.fromkeys(NUMBERS, "assumed") | {"hit_ratio": "predicted"}


def test_a_run_comes_before_what_is_assumed_and_the_options_before_the_run() -> None:
    facts = facts_of(measured(), db_ms=20)

    assert facts["db_ms"] == 20
    assert facts["hit_ms"] == pytest.approx(TRUTH.hit_ms)
    origins = [facts.numbers[name].origin for name in ("db_ms", "hit_ms", "users")]
    assert origins == ["given", "measured", "assumed"]


def test_a_hit_ratio_is_predicted_from_the_workload() -> None:
    predicted = facts_of(users=1000, rate=100, skew=0.99, ttl=10, writes=0)
    # Writes are a share of all requests.
    half = facts_of(users=10, rate=10, writes=0.5).hit_ratio

    assert predicted.hit_ratio == pytest.approx(0.71, abs=0.005)
    assert 0.45 <= half < 0.5


def test_a_run_s_hit_ratio_is_taken_until_a_workload_is_said() -> None:
    assert facts_of(measured()).hit_ratio == 0.8
    assert measured().session == 5
    for said in ("users", "rate", "skew", "ttl"):
        assert facts_of(measured(), **{said: 2}).hit_ratio != 0.8


def test_a_run_says_what_its_requests_cost() -> None:
    assert measured().numbers == pytest.approx(
        {
            "db_ms": TRUTH.database_ms,
            "hit_ms": TRUTH.hit_ms,
            "app_ms": TRUTH.app_ms,
            "miss_ms": TRUTH.miss_ms,
            "write_ms": WRITE_MS,
            "invalidation_ms": TRUTH.invalidation_ms,
            "hit_ratio": 0.8,
        }
    )
    without_writes = evidence(sessions()).numbers
    assert not {"write_ms", "invalidation_ms"} & without_writes.keys()


def test_a_run_without_sessions_of_both_cannot_be_advised_on() -> None:
    with pytest.raises(UsageError, match="run fivefold compare --scenario session, or give"):
        evidence([read for read in sessions() if read.variant == "uncached"])
