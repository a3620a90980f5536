from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.analysis.model.sizing import size_for
from benchmarks.predict.advise.answer import Advice, Evidence, answer, gather
from benchmarks.predict.advise.page import page
from benchmarks.predict.advise.question import Question
from benchmarks.report.markdown import to_markdown

FAR = {"app_ms": 1.2, "db_ms": 50, "hit_ms": 0.15, "miss_ms": 1.5}
NEAR = FAR | {"db_ms": 1.2}


def said(evidence: Evidence | None = None, /, **numbers: float) -> str:
    facts = gather(Question.asked(Path("run"), **numbers), evidence)
    return " ".join(to_markdown(page(facts, answer(facts), evidence)).split())


IMPOSSIBLE = (
    "5x is impossible here, whatever the hit ratio and the TTL",
    "it would still take 1.35 ms, 1.78x",
    "a database of at least 5.55 ms (here 1.20 ms), or a hit of at most 0.48 ms",
)
# Of the last measured costs; a thousand bytes of a million users need no second node.
NEEDS = size_for(1e5, hit_ratio=0.9, writes=0.05, entries_bytes=1e9)
ADVICE: dict[str, tuple[dict[str, float], Sequence[str]]] = {
    "a cache that pays is said to with what it brings": (
        {**FAR, "hit_ratio": 0.8, "writes": 0},
        (
            "Yes, a cache is worth it here: with 80 % of the reads answered from it",
            "a read takes 11.6 ms instead of 51.2 ms on average, 4.41x as fast.",
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
    "a possible wish is told its hit ratio": (
        {**FAR, "users": 1000, "rate": 100, "skew": 0.99, "writes": 0, "ttl": 300},
        ("take a hit ratio of 82.7 %; with 97 % that is reached.",),
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
    "memory is said for one entry and for all": (
        {"users": 1000, "entry_bytes": 1000},
        (
            "A value of 1 000 bytes takes 1 154 in Redis",
            "The entries of 1 000 users take 1.1 MiB",
        ),
    ),
    "every number is listed with its origin": (
        {"db_ms": 12},
        (
            "| --db-ms | 12 | given |",
            "| --users | 1000 | assumed |",
            "| --hit-ratio | 0.93 | predicted |",
            "12 numbers are assumed",
        ),
    ),
}


@pytest.mark.parametrize("rule", ADVICE)
def test_what_is_advised_is_said_in_words(rule: str) -> None:
    numbers, sentences = ADVICE[rule]
    text = said(**numbers)

    for sentence in sentences:
        assert sentence in text


def test_of_a_run_its_times_are_taken_its_sessions_named_and_failed_checks_said_first() -> None:
    text = said(
        Evidence(
            label="cached, native",
            numbers={"hit_ratio": 0.8},
            session=5,
            failed_checks=["errors", "bodies"],
        )
    )

    assert "sessions of 5 reads from a cold cache (cached, native)" in text
    assert "keep in mind - Checks of this run failed (errors, bodies)" in text


def answered(**numbers: float) -> Advice:
    return answer(gather(Question.asked(**numbers), None))


def test_writes_that_cost_more_than_the_reads_gain_decide_too() -> None:
    reads_gain = answered(**NEAR, hit_ratio=0.9, writes=0.7, invalidation_ms=3)

    assert reads_gain.speedup > 1
    assert reads_gain.overall < 1
    assert reads_gain.decision == "loses"


def test_without_a_rate_no_sizes_are_said() -> None:
    assert "workers" not in said(users=1000)
