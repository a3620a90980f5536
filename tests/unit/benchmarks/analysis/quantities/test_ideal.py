from collections.abc import Sequence

import pytest

from benchmarks.analysis.model.hit_ratio import cold_run, cold_run_with_writes
from benchmarks.analysis.quantities.prediction import ideal_hits, simulated
from benchmarks.scenarios.mix import Mix
from benchmarks.scenarios.popularity import UNIFORM, Latest, Zipf
from tests.unit.benchmarks.simulate import sample

CHANGES = frozenset({"complete"})


@pytest.mark.parametrize(
    ("operations", "hits"),
    [
        ([], 0),
        ([(1, "list")], 0),
        ([(1, "list"), (1, "list"), (1, "list")], 2),
        ([(1, "list"), (2, "list"), (1, "list")], 1),
        ([(1, "list"), (1, "complete"), (1, "list"), (1, "list")], 1),
        ([(1, "list"), (2, "complete"), (1, "list")], 1),
        ([(1, "complete"), (1, "list")], 0),
    ],
)
def test_a_read_hits_when_the_operation_before_it_on_its_user_was_a_read(
    operations: Sequence[tuple[int, str]], hits: int
) -> None:
    block = [
        sample(user=user, action=action, index=index)
        for index, (user, action) in enumerate(operations)
    ]

    assert ideal_hits(block, CHANGES) == hits
    # The order is that of the operations, not of the samples.
    assert ideal_hits(block[::-1], CHANGES) == hits


@pytest.mark.parametrize(("popularity", "reads"), [(Zipf(), 1.0), (Zipf(), 0.95), (UNIFORM, 0.5)])
def test_the_formula_of_a_cold_run_is_what_an_ideal_cache_does(
    popularity: Zipf, reads: float
) -> None:
    shares = popularity.shares(50)

    found = simulated(Mix(popularity, reads=reads), CHANGES, users=50, requests=200)

    predicted = cold_run_with_writes(reads * shares, (1 - reads) * shares, requests=200)
    assert found["todos"] == pytest.approx(predicted, abs=0.005)
    assert found["user"] == pytest.approx(cold_run(shares, requests=200), abs=0.005)


def test_writes_cost_hits_where_those_who_wrote_last_are_read_most() -> None:
    none, some, more = (
        simulated(Mix(Latest(), reads=reads), CHANGES, users=50, requests=200)["todos"]
        for reads in (1.0, 0.95, 0.5)
    )

    # Without writes the latest stay who they are.
    assert none == pytest.approx(cold_run(Zipf().shares(50), requests=200), abs=0.005)
    assert some > more + 0.2


def test_a_mix_that_only_writes_has_no_hit_ratio() -> None:
    with pytest.raises(ValueError, match="nothing is read"):
        simulated(Mix(UNIFORM, reads=0.0), CHANGES, users=5, requests=10, rounds=2)
