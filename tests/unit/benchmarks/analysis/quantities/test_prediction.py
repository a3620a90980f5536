import math
import random

import numpy as np
import pytest

from benchmarks.analysis.model.hit_ratio import cold_run_with_writes, expiring, mean_hit_ratio
from benchmarks.analysis.quantities.prediction import Pace, paced_run, predicted_slots
from benchmarks.scenarios import SCENARIOS
from benchmarks.scenarios.mix import Mix, mix_scenario
from benchmarks.scenarios.popularity import Zipf

ROUNDS = 600


def simulated(
    mix: Mix, *, users: int, pace: Pace, ttl_s: float, jitter: float, seed: int = 1
) -> float:
    """Return the hits per read of a cache whose entries end, operation by operation."""
    assert isinstance(mix.popularity, Zipf)
    rng = random.Random(seed)
    shares = mix.popularity.shares(users).tolist()
    reads = hits = 0
    for _ in range(ROUNDS):
        ends: dict[int, float] = {}
        for number, user in enumerate(rng.choices(range(users), shares, k=pace.requests)):
            now_s = number * pace.interval_s
            if rng.random() >= mix.reads:
                ends.pop(user, None)
                continue
            reads += 1
            if ends.get(user, -1.0) > now_s:
                hits += 1
            else:
                ends[user] = now_s + ttl_s * rng.uniform(1 - jitter, 1 + jitter)
    return hits / reads


@pytest.mark.parametrize(
    ("mix", "users", "pace", "jitter"),
    [
        (Mix(Zipf(0.99)), 100, Pace(requests=400, interval_s=0.01), 0.1),
        (Mix(Zipf(0.99)), 20, Pace(requests=250, interval_s=0.01), 0.1),
        (Mix(Zipf(0.0)), 100, Pace(requests=400, interval_s=0.01), 0.1),
        (Mix(Zipf(0.99), reads=0.9), 50, Pace(requests=300, interval_s=0.02), 0.1),
        (Mix(Zipf(0.99), reads=0.5), 20, Pace(requests=300, interval_s=0.013), 0.0),
    ],
)
def test_hits_of_a_paced_block_are_those_of_a_simulated_cache(
    mix: Mix, users: int, pace: Pace, jitter: float
) -> None:
    assert isinstance(mix.popularity, Zipf)
    shares = mix.popularity.shares(users)

    predicted = paced_run(
        mix.reads * shares, (1 - mix.reads) * shares, pace=pace, ttl_s=1.0, jitter=jitter
    )

    found = simulated(mix, users=users, pace=pace, ttl_s=1.0, jitter=jitter)
    assert predicted == pytest.approx(found, abs=0.005)


def test_half_of_the_entries_live_longer_than_the_ttl() -> None:
    # One user reads every 100 ms: nine hits, and the tenth as likely as not.
    everything, nothing = np.ones(1), np.zeros(1)
    pace = Pace(requests=11, interval_s=0.1)

    spread = paced_run(everything, nothing, pace=pace, ttl_s=1.0, jitter=0.05)
    exact = paced_run(everything, nothing, pace=pace, ttl_s=1.0, jitter=0.0)

    assert spread * 11 == pytest.approx(9.5)
    assert exact * 11 == pytest.approx(9)


def test_entries_that_outlive_the_block_give_the_formula_without_expiry() -> None:
    shares = Zipf(0.99).shares(30)
    reads, writes = 0.8 * shares, 0.2 * shares

    paced = paced_run(reads, writes, pace=Pace(requests=150, interval_s=0.01), ttl_s=60.0)

    assert paced == pytest.approx(cold_run_with_writes(reads, writes, requests=150))


def test_a_long_block_of_many_small_steps_gives_the_renewal_formula() -> None:
    # 10 reads and 2 writes per second and key, no key is likely to be touched twice in a step.
    keys, step_s = 5, 0.002
    reads, writes = np.full(keys, 10.0 * step_s), np.full(keys, 2.0 * step_s)

    paced = paced_run(
        reads, writes, pace=Pace(requests=20_000, interval_s=step_s), ttl_s=0.2, jitter=0.0
    )

    steady = mean_hit_ratio(expiring(reads / step_s, writes / step_s, ttl_s=0.2), reads)
    assert paced == pytest.approx(steady, abs=0.005)


def test_shorter_lives_give_fewer_hits() -> None:
    shares = Zipf(0.99).shares(20)
    pace = Pace(requests=200, interval_s=0.01)

    ratios = [
        paced_run(shares, np.zeros(20), pace=pace, ttl_s=ttl_s) for ttl_s in (0.001, 0.3, 1.0, 9.0)
    ]

    assert ratios == sorted(ratios)
    assert ratios[0] == 0


def test_a_mix_is_predicted_by_the_formula_of_a_cold_run() -> None:
    shares = Zipf(0.99).shares(20)

    slots = predicted_slots(
        SCENARIOS["half-writes"], users=20, pace=Pace(requests=100, interval_s=0.002)
    )

    todos = cold_run_with_writes(0.5 * shares, 0.5 * shares, requests=100)
    assert slots["todos"] == pytest.approx(todos)
    # Only the first operation of each user misses the user slot, be it a read or a write.
    first = sum(share * (1 - (1 - share) ** k) for share in shares for k in range(100)) / 100
    assert slots["user"] == pytest.approx(first)


def test_expiry_lowers_the_todos_and_not_the_user() -> None:
    pace = Pace(requests=400, interval_s=0.01)

    bound, free = (
        predicted_slots(SCENARIOS[name], users=100, pace=pace) for name in ("ttl-bound", "zipf")
    )

    assert bound["todos"] < free["todos"] - 0.1
    assert bound["user"] == pytest.approx(free["user"])


def test_a_block_on_no_schedule_expires_by_the_time_it_took() -> None:
    quick, slow = (
        predicted_slots(
            SCENARIOS["ttl-bound"], users=20, pace=Pace(requests=100, interval_s=interval_s)
        )
        for interval_s in (0.001, 0.05)
    )

    assert quick["todos"] > slow["todos"] + 0.05


def test_the_latest_are_predicted_by_simulation() -> None:
    pace = Pace(requests=100, interval_s=0.002)

    slots, again = (predicted_slots(SCENARIOS["latest"], users=20, pace=pace) for _ in range(2))

    assert slots == again
    assert 0.3 < slots["todos"] < slots["user"] < 1


def test_nothing_is_predicted_of_sessions_and_of_mixes_without_reads() -> None:
    pace = Pace(requests=10, interval_s=math.inf)
    writing = mix_scenario("w", "writes only", Mix(Zipf(), reads=0.0))

    assert predicted_slots(SCENARIOS["session"], users=20, pace=pace) == {}
    assert predicted_slots(writing, users=20, pace=pace) == {}
