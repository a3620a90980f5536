"""The answer of ``fivefold advise``: gains, thresholds, lifetimes, memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Literal

from benchmarks.analysis.claims.claim import MARGIN
from benchmarks.analysis.model.cost import (
    break_even_database_ms,
    break_even_hit_ratio,
    hit_ratio_needed,
    least_database_ms,
    mean_read_ms,
)
from benchmarks.analysis.model.hit_ratio import mean_hit_ratio, ttl_needed_s
from benchmarks.analysis.model.mixture import Mixture, quantile_ms
from benchmarks.analysis.model.sizing import Sizing, entry_bytes_in_redis, size_for
from benchmarks.analysis.model.writes import (
    break_even_with_writes,
    most_writes_for_reads,
    most_writes_overall,
    overall_speedup,
)
from benchmarks.predict.advise.facts import WorkloadFacts, live_entries
from benchmarks.report.figures import wish

PERCENTILES = (0.5, 0.95, 0.99)
_HERE = "you are here"
"""The name of the mark at the workload's own hit ratio."""

Decision = Literal["pays", "hardly", "loses"]


@dataclass(frozen=True, slots=True)
class Gain:
    """One statistic of the read times, in milliseconds."""

    what: str
    uncached_ms: float
    cached_ms: float

    @property
    def speedup(self) -> float:
        """Return uncached / cached."""
        return self.uncached_ms / self.cached_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedSpeedup:
    """The needs of the wanted speedup of reads; None where nothing suffices.

    ``ttl_s`` is for the workload of the facts, ``reads`` from a cold cache. ``most_writes`` is the
    share up to which reads alone reach it, ``most_writes_overall`` all operations together.
    ``most_hits`` is the hit ratio of entries that never expire.
    """

    speedup: float
    hit_ratio: float | None
    most_hits: float
    ttl_s: float | None
    reads: int | None
    least_database_ms: float
    most_writes: float | None
    most_writes_overall: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """Everything that is said."""

    decision: Decision
    gains: Sequence[Gain]  # the mean first
    overall: float  # the speedup of all operations, writes included
    break_even_hit_ratio: float | None
    break_even_with_writes: float | None
    break_even_database_ms: float
    wanted: WantedSpeedup
    live_entries: float
    entry_bytes: int  # in Redis
    memory_bytes: float
    memory_at_most_bytes: float
    sizing: Sizing | None  # where a rate is given

    @property
    def mean(self) -> Gain:
        """Return the gain of the mean read."""
        return self.gains[0]


def answer(facts: WorkloadFacts) -> Advice:
    """Compute the answer; pure."""
    model = facts.model
    overall = overall_speedup(model, facts.writes, facts.hit_ratio)
    entries, entry_bytes = live_entries(facts), entry_bytes_in_redis(int(facts["entry_bytes"]))
    memory_at_most_bytes = facts["users"] * entry_bytes
    return Advice(
        decision=_decide(overall),
        gains=_gains(facts),
        overall=overall,
        break_even_hit_ratio=break_even_hit_ratio(model),
        break_even_with_writes=break_even_with_writes(model, facts.writes),
        break_even_database_ms=break_even_database_ms(model, facts.hit_ratio),
        wanted=_wanted(facts),
        live_entries=entries,
        entry_bytes=entry_bytes,
        memory_bytes=entries * entry_bytes,
        memory_at_most_bytes=memory_at_most_bytes,
        sizing=None
        if facts.numbers["rate"].assumed
        else size_for(
            facts["rate"],
            hit_ratio=facts.hit_ratio,
            writes=facts.writes.share,
            entries_bytes=memory_at_most_bytes,
        ),
    )


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on the curve S(h) that has a name."""

    hit_ratio: float
    name: str


def marks(facts: WorkloadFacts, answer: Advice) -> list[Mark]:
    """Return the break-even, the wanted speedup, the cap of the writes, and where we are."""
    found = [Mark(facts.hit_ratio, _HERE)]
    if answer.break_even_hit_ratio is not None:
        found.append(Mark(answer.break_even_hit_ratio, "break-even"))
    if answer.wanted.hit_ratio is not None:
        found.append(Mark(answer.wanted.hit_ratio, wish(answer.wanted.speedup)))
    if facts.writes.share:
        found.append(Mark(facts.writes.cap, "most that writes leave"))
    return sorted(found, key=lambda mark: mark.hit_ratio)


def _decide(overall: float) -> Decision:
    if overall <= 1:
        return "loses"
    return "pays" if overall >= 1 + MARGIN else "hardly"


def _gains(facts: WorkloadFacts) -> list[Gain]:
    uncached, hits, misses = facts.modes
    cached = Mixture(hits, misses, facts.hit_ratio)
    mean = Gain("mean", facts.model.uncached_ms, mean_read_ms(facts.model, facts.hit_ratio))
    return [
        mean,
        *(
            Gain(f"p{share * 100:.0f}", quantile_ms(uncached, share), quantile_ms(cached, share))
            for share in PERCENTILES
        ),
    ]


def _wanted(facts: WorkloadFacts) -> WantedSpeedup:
    model, speedup = facts.model, facts["want"]
    ratio = hit_ratio_needed(model, speedup)
    return WantedSpeedup(
        speedup=speedup,
        hit_ratio=ratio,
        most_hits=mean_hit_ratio(facts.hit_ratios(ttl_s=inf), facts.reads_per_s),
        ttl_s=None
        if ratio is None
        else ttl_needed_s(
            facts.reads_per_s, facts.writes_per_s, hit_ratio=ratio, fill_s=facts.fill_s
        ),
        reads=model.reads_needed(speedup),
        least_database_ms=least_database_ms(model, speedup),
        most_writes=most_writes_for_reads(model, speedup),
        most_writes_overall=most_writes_overall(model, speedup, write_ms=facts.writes.write_ms),
    )
