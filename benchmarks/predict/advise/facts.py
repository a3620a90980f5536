"""The numbers an advice rests on, each with where it comes from, and the models made of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.analysis.checks.check import plain
from benchmarks.analysis.claims.claim import SESSION
from benchmarks.analysis.model.cost import CostModel
from benchmarks.analysis.model.fit import CannotFit, Fit, Source, fit
from benchmarks.analysis.model.hit_ratio import expiring, mean_hit_ratio
from benchmarks.analysis.model.mixture import Empirical, Lognormal, Mode
from benchmarks.analysis.model.observed import MS_PER_S, hit_share, select
from benchmarks.analysis.model.residuals import Residual, residuals
from benchmarks.analysis.model.writes import Writes
from benchmarks.predict.advise.question import NUMBERS, Question, option
from benchmarks.scenarios.popularity import Shares, zipf
from benchmarks.storage.records import NATIVE, Sample
from benchmarks.storage.usage import UsageError
from benchmarks.variants.registry import REFERENCE

_OURS = "cached"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A fitted run, and the times of its reads in milliseconds by outcome."""

    label: str
    fitted: Fit
    residuals: Sequence[Residual]
    hit_ratio: float
    sessions: str  # what the hit ratio was measured in
    times_ms: tuple[Sequence[float], Sequence[float], Sequence[float]]  # uncached, hits, misses
    failed_checks: Sequence[str] = ()

    @property
    def numbers(self) -> Mapping[str, float]:
        """Return what was measured."""
        model, write_ms = self.fitted.model, self.fitted.write_ms
        numbers = {
            "db_ms": model.database_ms,
            "hit_ms": model.hit_ms,
            "app_ms": model.app_ms,
            "miss_ms": model.miss_ms,
        }
        if write_ms is not None:
            numbers |= {"write_ms": write_ms, "invalidation_ms": model.invalidation_ms}
        return numbers


def evidence_of(
    requests: Sequence[Sample],
    *,
    variant: str | None = None,
    regime: str | None = None,
    failed_checks: Sequence[str] = (),
) -> Evidence:
    """Fit a run's model; without a choice ours and the database as it is, or the first there is.

    Raises ``UsageError`` for a variant or regime that was not measured, and where the samples do
    not hold what a model is made of.
    """
    measured = dict.fromkeys(plain(request.variant) for request in requests)
    others = [name for name in measured if name != REFERENCE]
    source = Source(
        variant=_chosen("variant", variant, others, _OURS),
        regime=_chosen("regime", regime, [request.regime for request in requests], NATIVE),
        reference=REFERENCE,
        scenario=SESSION,
    )
    fitted = _fitted(requests, source)
    reads = select(requests, scenario=source.scenario, regime=source.regime)
    cached = select(reads, variant=source.variant)
    hits = select(cached, outcome="hit")
    return Evidence(
        label=f"{source.variant}, {source.regime}",
        fitted=fitted,
        residuals=residuals(fitted, requests),
        hit_ratio=hit_share(cached) or 0.0,
        sessions=f"sessions of {1 + max(read.index for read in cached)} reads from a cold cache",
        times_ms=(
            _times_ms(select(reads, variant=source.reference, outcome="bypass")),
            _times_ms(hits),
            _times_ms(select(cached, outcome="miss")),
        ),
        failed_checks=failed_checks,
    )


@dataclass(frozen=True, slots=True)
class Known:
    """A number and its origin."""

    name: str
    value: float
    origin: str

    @property
    def assumed(self) -> bool:
        """Tell whether it was neither given nor measured."""
        return self.origin.startswith("assumed")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadFacts:
    """All numbers of one advice, by the names of the options, and the models made of them.

    ``predicted_hit_ratio`` follows from the workload, whether it is used or not. ``modes`` are the
    times of uncached reads, of hits and of misses.
    """

    numbers: Mapping[str, Known]
    model: CostModel
    writes: Writes
    reads_per_s: Shares
    writes_per_s: Shares
    predicted_hit_ratio: float
    modes: tuple[Mode, Mode, Mode]

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

    def hit_ratios(self, *, ttl_s: float) -> Shares:
        """Return each key's hit ratio with this TTL."""
        return expiring(self.reads_per_s, self.writes_per_s, ttl_s=ttl_s, fill_s=self.fill_s)


def gather(question: Question, evidence: Evidence | None) -> WorkloadFacts:
    """Take each number from the question, else from the run, else as assumed."""
    numbers = {
        name: known
        for name in NUMBERS
        if name != "hit_ratio" and (known := _known(question, evidence, name)) is not None
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
    per_s = zipf(int(numbers["users"].value), numbers["skew"].value) * numbers["rate"].value
    reads_per_s, writes_per_s = per_s * (1 - share), per_s * share
    ratios = expiring(
        reads_per_s,
        writes_per_s,
        ttl_s=numbers["ttl"].value,
        fill_s=model.miss_total_ms / MS_PER_S,
    )
    predicted = mean_hit_ratio(ratios, reads_per_s)
    numbers["hit_ratio"] = _hit_ratio(question, evidence, predicted)
    return WorkloadFacts(
        numbers=numbers,
        model=model,
        writes=Writes(share=share, write_ms=numbers["write_ms"].value),
        reads_per_s=reads_per_s,
        writes_per_s=writes_per_s,
        predicted_hit_ratio=predicted,
        modes=_modes(model, numbers["spread"].value, evidence),
    )


def live_entries(facts: WorkloadFacts) -> float:
    """Return how many entries are in the cache on average.

    Reads come at random, so an entry is there for as large a share of the time as it is for the
    reads (PASTA): the sum of the keys' hit ratios, each counted once and not by its reads.
    """
    return float(np.sum(facts.hit_ratios(ttl_s=facts["ttl"])))


def stretched(times_ms: Sequence[float], mean_ms: float) -> Empirical:
    """Return the distribution of measured times, stretched to the mean that is asked for."""
    factor = mean_ms * len(times_ms) / sum(times_ms)
    return Empirical([time_ms * factor for time_ms in times_ms])


def _known(question: Question, evidence: Evidence | None, name: str) -> Known | None:
    if name in question.numbers:
        return Known(name, float(question.numbers[name]), f"given ({option(name)})")
    if evidence is not None and name in evidence.numbers:
        return Known(name, evidence.numbers[name], f"measured: {evidence.label}")
    number = NUMBERS[name]
    if number.assumed is None:
        return None
    return Known(name, number.assumed, f"assumed: {number.why}")


def _hit_ratio(question: Question, evidence: Evidence | None, predicted: float) -> Known:
    if "hit_ratio" in question.numbers:
        return Known("hit_ratio", question.numbers["hit_ratio"], "given (--hit-ratio)")
    if evidence is not None and not question.says_workload:
        origin = f"measured: {evidence.label}, {evidence.sessions}"
        return Known("hit_ratio", evidence.hit_ratio, origin)
    return Known(
        "hit_ratio", predicted, "predicted from users, requests per second, skew, TTL and writes"
    )


def _modes(model: CostModel, spread: float, evidence: Evidence | None) -> tuple[Mode, Mode, Mode]:
    means_ms = (model.uncached_ms, model.hit_total_ms, model.miss_total_ms)
    if evidence is None:
        uncached, hits, misses = (Lognormal(mean_ms, spread) for mean_ms in means_ms)
        return uncached, hits, misses
    first, second, third = map(stretched, evidence.times_ms, means_ms)
    return first, second, third


def _fitted(requests: Sequence[Sample], source: Source) -> Fit:
    try:
        return fit(requests, source)
    except CannotFit as error:
        raise UsageError(
            f"this run cannot be advised on: {error}. Run fivefold compare --scenario {SESSION}, "
            "or give the numbers as options"
        ) from error


def _times_ms(requests: Sequence[Sample]) -> Sequence[float]:
    return [request.duration_s * MS_PER_S for request in requests]


def _chosen(kind: str, asked: str | None, names: Iterable[str], usual: str) -> str:
    there = list(dict.fromkeys(names))
    if asked is None:
        if not there:
            raise UsageError(f"this run holds no {kind} beside {REFERENCE}: nothing to advise on")
        return usual if usual in there else there[0]
    if asked not in there:
        why = (
            "is the reference, against which the others are advised"
            if asked == REFERENCE
            else "is not in this run"
        )
        raise UsageError(f"--{kind} {asked} {why}; choose from: {', '.join(there)}")
    return asked
