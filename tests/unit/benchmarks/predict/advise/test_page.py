from collections.abc import Sequence

import pytest

from benchmarks.analysis.model.sizing import size_for
from benchmarks.predict.advise.answer import Advice, answer
from benchmarks.predict.advise.facts import Evidence, evidence_of, gather
from benchmarks.predict.advise.page import page
from benchmarks.predict.advise.question import Question
from benchmarks.report.markdown import to_markdown
from tests.unit.benchmarks.analysis.model.requests import sessions, writes

FAR = {"app_ms": 1.2, "db_ms": 50, "hit_ms": 0.15, "miss_ms": 1.5}
NEAR = FAR | {"db_ms": 1.2}


def said(evidence: Evidence | None = None, /, **numbers: float) -> str:
    facts = gather(Question.asked(**numbers), evidence)
    return " ".join(to_markdown(page(facts, answer(facts), evidence)).split())


IMPOSSIBLE = (
    "5x is impossible here, whatever the hit ratio and the TTL",
    "it would still take 1.35 ms, 1.78x",
    "a database of at least 5.55 ms (here 1.20 ms), or a hit of at most 0.48 ms",
    "From a cold cache no number of reads of the same data gives 5x.",
)
POSSIBLE = (
    "take a hit ratio of 82.7 %; with 97 % that is reached.",
    "With 1 000 users and 100 requests per second a TTL of 29 seconds gives that",
    "5 minutes give 97 %",
    "From a cold cache, 5x takes 6 reads of the same data: the first one is a miss.",
)
# Of the last measured costs; a thousand bytes of a million users need no second node.
NEEDS = size_for(1e5, hit_ratio=0.9, writes=0.05, entries_bytes=1e9)
ADVICE: dict[str, tuple[dict[str, float], Sequence[str]]] = {
    "a cache that pays is said to with what it brings": (
        {**FAR, "hit_ratio": 0.8, "writes": 0},
        (
            "Yes, a cache is worth it here: with 80 % of the reads answered from it",
            "a read takes 11.6 ms instead of 51.2 ms on average, 4.41x as fast.",
            "they are misses, as always up to a hit ratio of 99 %",
            "| mean | 51.2 | 11.6 | 4.41x |",
        ),
    ),
    "a cache that loses is said to with where it would pay": (
        {**NEAR, "hit_ratio": 0.5, "writes": 0},
        (
            "No, a cache is not worth it here",
            "0.91x as fast",
            "Reads gain from a hit ratio of 58.8 % on, or at 50 % from a database",
            "more than 1.65 ms",
        ),
    ),
    "a gain that nobody notices is no yes": (
        {**NEAR, "hit_ratio": 0.62, "writes": 0},
        ("Hardly: with 62 % of the reads",),
    ),
    "a hit that costs what it spares is beyond help": (
        {"db_ms": 0.1, "hit_ms": 0.2},
        ("No hit ratio helps: a hit costs 0.20 ms and spares 0.10 ms.",),
    ),
    "writes that nothing makes up for are named": (
        {**NEAR, "writes": 0.7, "invalidation_ms": 5, "hit_ratio": 0.9},
        ("No hit ratio makes up for what the cache adds to the writes.",),
    ),
    "an impossible wish is told why and what it would take": (NEAR, IMPOSSIBLE),
    "a possible wish is told its hit ratio, its TTL and its reads": (
        {**FAR, "users": 1000, "rate": 100, "skew": 0.99, "writes": 0, "ttl": 300},
        POSSIBLE,
    ),
    "a TTL for a workload that was guessed says so": (
        FAR,
        ("(assumed, say --users and --rate)",),
    ),
    "too many writes are named as what no TTL helps against": (
        {**FAR, "writes": 0.3},
        (
            "no TTL is long enough",
            "at most 70 % of the reads hit",
            "reads would reach it with up to 17.3 % writes",
        ),
    ),
    "reads that come during fills are named where they are why no TTL helps": (
        {"rate": 1e5, "users": 1_000_000, "writes": 0.2, "want": 3},
        (
            "take a hit ratio of 68.3 %",
            "while it is filled again miss as well, so even if nothing expired at most 55.6 %",
        ),
    ),
    "a rate is told its workers and servers": (
        {"rate": 1e5, "hit_ratio": 0.9, "writes": 0.05, "users": 1_000_000},
        (
            "What 100000 requests per second take",
            "At a hit ratio of 90 % with 5 % writes.",
            f"| workers | {NEEDS.workers_without} | {NEEDS.workers} |",
            f"| Redis nodes | - | {NEEDS.redis_nodes} |",
            f"| {NEEDS.database_cores_without:.0f} | {NEEDS.database_cores:.0f} |",
            "the cores of the database say nothing of MongoDB",
        ),
    ),
    "entries that one node cannot hold take several": (
        {"rate": 10, "users": 100_000, "entry_bytes": 1_000_000},
        ("| Redis nodes | - | 7 |",),
    ),
    "memory is said for one entry, for the live ones and for all": (
        {"users": 1000, "entry_bytes": 1000, "rate": 1e6, "writes": 0, "ttl": 300},
        (
            "A value of 1 000 bytes takes 1 154 in Redis",
            "1 000 of 1 000 entries are there at a time: 1.1 MiB",
        ),
    ),
    "every number is listed with its origin": (
        {"db_ms": 12},
        (
            "| what a hit avoids (d) | 12.0 ms | given (--db-ms) |",
            "| users | 1 000 | assumed: a guess |",
            "13 numbers are assumed",
        ),
    ),
    "the curve has a row for each tenth and each mark": (
        {**FAR, "hit_ratio": 0.65, "writes": 0},
        (
            "| 0 % | 52.7 | 0.97x | |",
            "| 2.9 % | 51.2 | 1.00x | < break-even |",
            "█ < you are here |",
            "| 82.7 % | 10.2 | 5.00x | ███████████ < 5x |",
            f"| 100 % | 1.35 | 37.93x | {'█' * 24} |",
        ),
    ),
    "marks that fall together share a row": (
        {**FAR, "hit_ratio": 0.95, "writes": 0.05},
        ("< you are here, most that writes leave",),
    ),
}


@pytest.mark.parametrize("rule", ADVICE)
def test_what_is_advised_is_said_in_words(rule: str) -> None:
    numbers, sentences = ADVICE[rule]
    text = said(**numbers)

    for sentence in sentences:
        assert sentence in text


def test_what_does_not_apply_is_not_said_and_places_that_look_the_same_are_one_row() -> None:
    assert "they are misses" not in said(**FAR, hit_ratio=0.995)
    assert "workers" not in said(users=1000)
    assert said(**FAR, hit_ratio=0.8271).count("| 82.7 % | 10.2 |") == 1


def test_a_run_shows_its_model_beside_what_was_measured() -> None:
    requests = [
        *sessions(), *writes(), *sessions(regime="50ms", delay_ms=50, slower_hit_ms=20),
        *writes(regime="50ms", slower_ms=9),
    ]  # fmt: skip

    text = said(evidence_of(requests))

    assert "made of 200 uncached reads, 40 misses, 160 hits and 20 writes (cached, native" in text
    assert "it predicts 4 of 8 figures to within 10%" in text
    assert "| session | 50ms | an uncached read | 56.2 | 56.2 | +0.0% |" in text
    assert "MISSED" in text
    assert "caches and clocks" in text
    assert "spare writes a read of the database" in text
    assert "spread" not in text
    # One regime has nothing to be compared with, and checks that failed come before all else.
    text = said(evidence_of(sessions(), failed_checks=["errors", "bodies"]))
    assert "nothing else that the model could be compared with" in text
    assert "keep in mind - Checks of this run failed (errors, bodies)" in text


def answered(**numbers: float) -> Advice:
    return answer(gather(Question.asked(**numbers), None))


def test_writes_that_cost_more_than_the_reads_gain_decide_too() -> None:
    reads_gain = answered(**NEAR, hit_ratio=0.9, writes=0.7, invalidation_ms=3)

    assert reads_gain.mean.speedup > 1
    assert reads_gain.overall < 1
    assert reads_gain.decision == "loses"


def test_mean_median_and_tail_say_different_things_and_are_all_said() -> None:
    found = answered(app_ms=0, db_ms=50, hit_ms=1, miss_ms=0, hit_ratio=0.8, spread=0.01)

    by_name = {gain.what: gain.speedup for gain in found.gains}
    assert list(by_name) == ["mean", "p50", "p95", "p99"]
    assert by_name["mean"] == pytest.approx(4.63, abs=0.005)
    assert by_name["p50"] == pytest.approx(50, rel=0.02)
    assert by_name["p99"] == pytest.approx(1, rel=0.02)
