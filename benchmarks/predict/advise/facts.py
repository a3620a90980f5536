"""The numbers an advice rests on, each with where it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from benchmarks.analysis.model.cost import CostModel
from benchmarks.analysis.model.hit_ratio import expiring, mean_hit_ratio
from benchmarks.analysis.model.mixture import Lognormal, Mode
from benchmarks.analysis.model.writes import Writes
from benchmarks.predict.advise.evidence import Evidence
from benchmarks.predict.advise.question import Question, option
from benchmarks.scenarios.popularity import Shares, zipf

MS_PER_S = 1000.0
GIVEN = "given"

_OWN_SERVICE = "typical of fivefold's own service on two shared CPUs; measure yours"
_SERVICE_DATA = "a list of 20 todos of 100 bytes as fivefold stores it"
ASSUMED: Mapping[str, tuple[float, str]] = {
    "db_ms": (50.0, "the claim's own 50 ms; measure yours"),
    "hit_ms": (0.2, _OWN_SERVICE),
    "app_ms": (0.7, _OWN_SERVICE),
    "miss_ms": (0.7, _OWN_SERVICE),
    "invalidation_ms": (1.2, _OWN_SERVICE),
    "writes": (0.05, "YCSB's mix B: 95 % reads"),
    "spread": (0.3, "a guess; it moves the percentiles only"),
    "users": (1000, "a guess"),
    "rate": (100.0, "a guess"),
    "skew": (0.99, "YCSB's Zipf exponent"),
    "ttl": (300.0, "fivefold's default for the todo list (TODOS_TTL_SECONDS)"),
    "entry_bytes": (6800, _SERVICE_DATA),
    "want": (5.0, "the claim's own number"),
}
"""What is taken where nothing is said or measured, and why."""


@dataclass(frozen=True, slots=True)
class Known:
    """A number and its origin."""

    name: str
    value: float
    origin: str

    @property
    def assumed(self) -> bool:
        """Tell whether nobody said or measured it."""
        return self.origin.startswith("assumed")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadFacts:
    """All numbers of one advice, by the names of the options, and the models made of them.

    ``predicted_hit_ratio`` follows from the workload, whether it is used or not.
    """

    numbers: Mapping[str, Known]
    model: CostModel
    writes: Writes
    reads_per_s: Shares
    writes_per_s: Shares
    predicted_hit_ratio: float
    uncached: Mode
    hits: Mode
    misses: Mode

    def __getitem__(self, name: str) -> float:
        return self.numbers[name].value

    @property
    def hit_ratio(self) -> float:
        """Return the hit ratio that is counted with."""
        return self["hit_ratio"]

    @property
    def fill_s(self) -> float:
        """Return how long a fill takes."""
        return self.model.miss_total_ms / MS_PER_S

    @property
    def workload_assumed(self) -> bool:
        """Tell whether the users and their rate are guesses."""
        return self.numbers["users"].assumed or self.numbers["rate"].assumed


def gather(question: Question, evidence: Evidence | None) -> WorkloadFacts:
    """Take each number from the question, else from the run, else as assumed."""
    numbers = {
        name: known
        for name in (*ASSUMED, "write_ms")
        if (known := _known(question, evidence, name)) is not None
    }
    model = CostModel(
        app_ms=numbers["app_ms"].value,
        database_ms=numbers["db_ms"].value,
        hit_ms=numbers["hit_ms"].value,
        miss_ms=numbers["miss_ms"].value,
        invalidation_ms=numbers["invalidation_ms"].value,
    )
    numbers.setdefault(
        "write_ms", Known("write_ms", model.uncached_ms, "assumed: as long as an uncached read")
    )
    share = numbers["writes"].value
    popularity = zipf(int(numbers["users"].value), numbers["skew"].value)
    per_s = popularity * numbers["rate"].value
    reads_per_s, writes_per_s = per_s * (1 - share), per_s * share
    ratios = expiring(
        reads_per_s,
        writes_per_s,
        ttl_s=numbers["ttl"].value,
        fill_s=model.miss_total_ms / MS_PER_S,
    )
    predicted = mean_hit_ratio(ratios, reads_per_s)
    numbers["hit_ratio"] = _hit_ratio(question, evidence, predicted)
    uncached, hits, misses = _modes(model, numbers["spread"].value, evidence)
    return WorkloadFacts(
        numbers=numbers,
        model=model,
        writes=Writes(share=share, write_ms=numbers["write_ms"].value),
        reads_per_s=reads_per_s,
        writes_per_s=writes_per_s,
        predicted_hit_ratio=predicted,
        uncached=uncached,
        hits=hits,
        misses=misses,
    )


def live_entries(facts: WorkloadFacts) -> float:
    """Return how many entries are in the cache on average.

    Reads come at random, so an entry is there for as large a share of the time as it is for the
    reads (PASTA): the sum of the keys' hit ratios, each counted once and not by its reads.
    """
    ratios = expiring(
        facts.reads_per_s, facts.writes_per_s, ttl_s=facts["ttl"], fill_s=facts.fill_s
    )
    return float(np.sum(ratios))


def _known(question: Question, evidence: Evidence | None, name: str) -> Known | None:
    said = getattr(question, name)
    if said is not None:
        return Known(name, float(said), f"{GIVEN} ({option(name)})")
    measured = evidence.numbers.get(name) if evidence is not None else None
    if measured is not None and evidence is not None:
        return Known(name, measured, f"measured: {evidence.label}")
    if name not in ASSUMED:
        return None
    value, why = ASSUMED[name]
    return Known(name, value, f"assumed: {why}")


def _hit_ratio(question: Question, evidence: Evidence | None, predicted: float) -> Known:
    if question.hit_ratio is not None:
        return Known("hit_ratio", question.hit_ratio, f"{GIVEN} (--hit-ratio)")
    if evidence is not None and not question.says_workload:
        origin = f"measured: {evidence.label}, {evidence.sessions}"
        return Known("hit_ratio", evidence.hit_ratio, origin)
    return Known(
        "hit_ratio", predicted, "predicted from users, requests per second, skew, TTL and writes"
    )


def _modes(model: CostModel, spread: float, evidence: Evidence | None) -> list[Mode]:
    means_ms = (model.uncached_ms, model.hit_total_ms, model.miss_total_ms)
    if evidence is None:
        return [Lognormal(mean_ms, spread) for mean_ms in means_ms]
    return [
        times.with_mean_ms(mean_ms) for times, mean_ms in zip(evidence.times, means_ms, strict=True)
    ]
