from typing import Any

import pytest

from benchmarks.analysis.quantities.groups import groups_of
from benchmarks.analysis.quantities.series import Series, series
from benchmarks.storage.records import Sample
from tests.unit.benchmarks.simulate import header, run_samples

TIMES: Any = {"bypass": 40.0, "miss": 44.0, "hit": 2.0}


def curves(samples: list[Sample], **changes: Any) -> Series:
    return series(groups_of(header(**changes), samples))


def test_the_curves_of_a_session_are_those_of_its_requests() -> None:
    found = curves(run_samples(times_ms=TIMES, noise=0, db_ms=30.0))

    # The speedup of the first n reads rises and ends at the session's.
    speedups = [row.speedup for row in found.cumulative]
    assert speedups[0] == pytest.approx(40 / 44)
    assert speedups[-1] == pytest.approx(200 / 52)
    assert speedups == sorted(speedups)
    assert all(row.speedup < row.reads for row in found.cumulative)
    # Spans and what is outside make the whole.
    [bypass] = [row for row in found.spans if row.outcome == "bypass"]
    assert bypass.outside_ms == pytest.approx(40 - 30 - 0.5)
    assert bypass.cache_ms is None
    assert bypass.total_ms == pytest.approx(40)


def test_percentiles_end_where_too_few_requests_lie_beyond() -> None:
    few = curves(run_samples(observations=2)).percentiles
    many = curves(run_samples(observations=60, sessions=4)).percentiles

    # Of 4 reads of each variant in each block, one in five misses.
    assert max(row.percentile for row in few) == 80
    assert max(row.percentile for row in many) == 99.5


def test_sweeps_have_an_s_of_n_but_only_claimed_regimes_their_percentiles() -> None:
    found = curves([*run_samples(), *run_samples(regime="db+1ms")])

    assert {row.regime for row in found.cumulative} == {"native", "db+1ms"}
    assert {row.regime for row in found.percentiles} == {"native"}
