from dataclasses import replace
from typing import Any

import pytest

from benchmarks.predict.advise.evidence import evidence_of
from benchmarks.storage.usage import UsageError
from tests.unit.benchmarks.analysis.model.requests import TRUTH, WRITE_MS, sessions, writes


def test_a_run_says_what_its_requests_cost() -> None:
    evidence = evidence_of([*sessions(), *writes()])

    assert evidence.numbers == pytest.approx(
        {
            "db_ms": TRUTH.database_ms,
            "hit_ms": TRUTH.hit_ms,
            "app_ms": TRUTH.app_ms,
            "miss_ms": TRUTH.miss_ms,
            "write_ms": WRITE_MS,
            "invalidation_ms": TRUTH.invalidation_ms,
        }
    )
    assert evidence.hit_ratio == 0.8
    assert evidence.label == "cached, native"
    without_writes = evidence_of(sessions()).numbers
    assert not {"write_ms", "invalidation_ms"} & without_writes.keys()


def test_the_database_as_it_is_and_ours_are_taken_unless_another_is_chosen() -> None:
    slow = sessions(regime="50ms", delay_ms=50)
    naive = [replace(read, variant="naive") for read in slow if read.variant == "cached"]
    requests = [*slow, *naive, *sessions()]

    usual = evidence_of(requests)
    chosen = evidence_of(requests, variant="naive", regime="50ms")

    assert usual.label == "cached, native"
    assert chosen.label == "naive, 50ms"
    assert chosen.numbers["db_ms"] == pytest.approx(TRUTH.database_ms + 50)


def test_a_run_without_them_is_taken_as_it_is() -> None:
    requests = [
        replace(read, variant="naive" if read.variant == "cached" else read.variant)
        for read in sessions(regime="50ms")
    ]

    assert evidence_of(requests).label == "naive, 50ms"


ALONE = [read for read in sessions() if read.variant == "uncached"]


@pytest.mark.parametrize(
    ("requests", "chosen", "words"),
    [
        (sessions(), {"regime": "far"}, "--regime 'far' is not in this run; choose from: native"),
        (sessions(), {"variant": "naive"}, "--variant 'naive' is not .* choose from: cached"),
        (ALONE, {}, "no variant beside uncached"),
        (sessions(scenario="hits"), {}, "Run fivefold compare --scenario session, or give"),
    ],
)
def test_what_the_run_did_not_measure_cannot_be_advised_on(
    requests: Any, chosen: dict[str, str], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        evidence_of(requests, **chosen)


def test_measured_times_are_stretched_to_the_mean_that_is_asked_for() -> None:
    uncached, _, _ = evidence_of(sessions(noise=0.2)).times

    stretched = uncached.with_mean_ms(100.0)

    assert stretched.mean_ms == pytest.approx(100)
    assert stretched.range_ms[1] / stretched.range_ms[0] == pytest.approx(
        max(uncached.times_ms) / min(uncached.times_ms)
    )
