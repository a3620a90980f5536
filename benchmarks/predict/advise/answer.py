"""The answer of ``fivefold advise``: gain, break-evens, a wanted speedup, memory, sizes."""

from dataclasses import dataclass
from typing import Literal

from benchmarks.analysis.claims.claim import MARGIN
from benchmarks.analysis.model.cost import (
    break_even_database_ms,
    break_even_hit_ratio,
    hit_ratio_needed,
    least_database_ms,
    mean_read_ms,
)
from benchmarks.analysis.model.hit_ratio import expiring, mean_hit_ratio, ttl_needed_s
from benchmarks.analysis.model.sizing import Sizing, entry_bytes_in_redis, size_for
from benchmarks.analysis.model.writes import break_even_with_writes, overall_speedup
from benchmarks.predict.advise.facts import WorkloadFacts

Decision = Literal["pays", "hardly", "loses"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedSpeedup:
    """The needs of the wanted speedup of reads; None where nothing suffices.

    ``ttl_s`` is for the workload of the facts, ``most_hits`` the hit ratio of its entries if they
    never expired.
    """

    speedup: float
    hit_ratio: float | None
    most_hits: float
    ttl_s: float | None
    least_database_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """Everything that is said."""

    decision: Decision
    uncached_ms: float  # of the mean read
    cached_ms: float
    overall: float  # the speedup of all operations, writes included
    break_even_hit_ratio: float | None
    break_even_with_writes: float | None
    break_even_database_ms: float
    wanted: WantedSpeedup
    entry_bytes: int  # in Redis
    memory_bytes: float  # of all entries
    sizing: Sizing | None  # where a rate is given

    @property
    def speedup(self) -> float:
        """Return uncached / cached of the mean read."""
        return self.uncached_ms / self.cached_ms


def answer(facts: WorkloadFacts) -> Advice:
    """Compute the answer; pure."""
    model = facts.model
    overall = overall_speedup(model, facts.writes, facts.hit_ratio)
    entry_bytes = entry_bytes_in_redis(int(facts["entry_bytes"]))
    memory_bytes = facts["users"] * entry_bytes
    return Advice(
        decision=_decide(overall),
        uncached_ms=model.uncached_ms,
        cached_ms=mean_read_ms(model, facts.hit_ratio),
        overall=overall,
        break_even_hit_ratio=break_even_hit_ratio(model),
        break_even_with_writes=break_even_with_writes(model, facts.writes),
        break_even_database_ms=break_even_database_ms(model, facts.hit_ratio),
        wanted=_wanted(facts),
        entry_bytes=entry_bytes,
        memory_bytes=memory_bytes,
        sizing=None
        if facts.assumes("rate")
        else size_for(
            facts["rate"],
            hit_ratio=facts.hit_ratio,
            writes=facts.writes.share,
            entries_bytes=memory_bytes,
        ),
    )


def _decide(overall: float) -> Decision:
    if overall <= 1:
        return "loses"
    return "pays" if overall >= 1 + MARGIN else "hardly"


def _wanted(facts: WorkloadFacts) -> WantedSpeedup:
    model, speedup = facts.model, facts["want"]
    reads, writes, fill_s = facts.reads_per_s, facts.writes_per_s, facts.fill_s
    ratio = hit_ratio_needed(model, speedup)
    return WantedSpeedup(
        speedup=speedup,
        hit_ratio=ratio,
        most_hits=mean_hit_ratio(expiring(reads, writes, fill_s=fill_s), reads),
        ttl_s=None
        if ratio is None
        else ttl_needed_s(reads, writes, hit_ratio=ratio, fill_s=fill_s),
        least_database_ms=least_database_ms(model, speedup),
    )
