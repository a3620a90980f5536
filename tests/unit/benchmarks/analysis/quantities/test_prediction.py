import math
import random
from collections.abc import Sequence

import numpy as np
import pytest

from benchmarks.analysis.model.hit_ratio import (
    cold_run,
    cold_run_with_writes,
)
from benchmarks.analysis.quantities.prediction import (
    TTL_JITTER,
    BlockPace,
    ideal_hits,
    paced_run,
    predicted_slots,
    simulated,
)
from benchmarks.scenarios import SCENARIOS
from benchmarks.scenarios.mix import Mix, mix_scenario
from benchmarks.scenarios.popularity import UNIFORM, Latest, Shares, Zipf
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


@pytest.mark.parametrize(
    ("popularity", "reads", "requests"),
    [(Zipf(), 1.0, 200), (Zipf(), 0.95, 400), (Zipf(), 0.5, 3), (UNIFORM, 0.5, 200)],
)
def test_the_formula_of_a_cold_run_is_what_an_ideal_cache_does(
    popularity: Zipf, reads: float, requests: int
) -> None:
    shares, rounds = popularity.shares(50), 60_000 // requests
    mix = Mix(popularity, reads=reads)

    found = simulated(mix, CHANGES, users=50, requests=requests, rounds=rounds)

    predicted = cold_run_with_writes(reads * shares, (1 - reads) * shares, requests=requests)
    assert found["todos"] == pytest.approx(predicted, abs=0.005)
    assert found["user"] == pytest.approx(cold_run(shares, requests=requests), abs=0.005)


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


ROUNDS = 300


def paced_hits(shares: Shares, reads: float, *, pace: BlockPace, ttl_s: float) -> float:
    """Return the hits per read of a cache whose entries end, operation by operation."""
    rng = random.Random(1)
    counted = hits = 0
    for _ in range(ROUNDS):
        ends: dict[int, float] = {}
        drawn = rng.choices(range(len(shares)), shares.tolist(), k=pace.requests)
        for number, user in enumerate(drawn):
            now_s = number * pace.interval_s
            if rng.random() >= reads:
                ends.pop(user, None)
                continue
            counted += 1
            if ends.get(user, -1.0) > now_s:
                hits += 1
            else:
                ends[user] = now_s + ttl_s * rng.uniform(1 - TTL_JITTER, 1 + TTL_JITTER)
    return hits / counted


@pytest.mark.parametrize(
    ("skew", "reads", "users", "pace"),
    [
        (0.99, 1.0, 20, BlockPace(requests=250, interval_s=0.01)),
        (0.0, 1.0, 100, BlockPace(requests=400, interval_s=0.01)),
        (0.99, 0.9, 50, BlockPace(requests=300, interval_s=0.02)),
        (0.99, 0.5, 20, BlockPace(requests=300, interval_s=0.013)),
    ],
)
def test_hits_of_a_paced_block_are_those_of_a_simulated_cache(
    skew: float, reads: float, users: int, pace: BlockPace
) -> None:
    shares = Zipf(skew).shares(users)

    predicted = paced_run(reads * shares, (1 - reads) * shares, pace=pace, ttl_s=1.0)

    found = paced_hits(shares, reads, pace=pace, ttl_s=1.0)
    assert predicted == pytest.approx(found, abs=0.005)


def test_half_of_the_entries_live_longer_than_the_ttl() -> None:
    # One user reads every 100 ms: nine hits, and the tenth as likely as not.
    pace = BlockPace(requests=11, interval_s=0.1)

    found = paced_run(np.ones(1), np.zeros(1), pace=pace, ttl_s=1.0)

    assert found * 11 == pytest.approx(9.5)


def test_nothing_is_predicted_of_sessions_and_of_mixes_without_reads() -> None:
    pace = BlockPace(requests=10, interval_s=math.inf)
    writing = mix_scenario("w", "writes only", Mix(Zipf(), reads=0.0))

    assert predicted_slots(SCENARIOS["session"], users=20, pace=pace) == {}
    assert predicted_slots(writing, users=20, pace=pace) == {}
