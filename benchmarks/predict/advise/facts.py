"""The numbers an advice rests on, each with where it comes from, and the models made of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from benchmarks.analysis.checks.check import plain
from benchmarks.analysis.claims.claim import SESSION
from benchmarks.analysis.model.cost import CostModel
from benchmarks.analysis.model.fit import CannotFit, Fit, Source, fit
from benchmarks.analysis.model.hit_ratio import expiring, mean_hit_ratio
from benchmarks.analysis.model.observed import MS_PER_S, hit_share, select
from benchmarks.analysis.model.writes import Writes
from benchmarks.predict.advise.question import NUMBERS, Question
from benchmarks.scenarios.popularity import Shares, zipf
from benchmarks.storage.records import NATIVE, Sample
from benchmarks.storage.usage import UsageError
from benchmarks.variants.registry import REFERENCE

_OURS = "cached"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a run measured: costs and hit ratio."""

    label: str
    numbers: Mapping[str, float]
    session: int
    """The reads of one session, in which the hit ratio was measured from a cold cache."""
    failed_checks: Sequence[str] = ()


def evidence_of(requests: Sequence[Sample], *, failed_checks: Sequence[str] = ()) -> Evidence:
    """Fit a run's model: ours and the database as it is, or the first that was measured.

    Raises ``UsageError`` where the samples do not hold what a model is made of.
    """
    variants = [plain(request.variant) for request in requests]
    regimes = [request.regime for request in requests]
    if not (others := [name for name in variants if name != REFERENCE]):
        raise UsageError(f"this run holds no variant beside {REFERENCE}: nothing to advise on")
    source = Source(
        variant=_OURS if _OURS in others else others[0],
        regime=NATIVE if NATIVE in regimes else regimes[0],
        reference=REFERENCE,
        scenario=SESSION,
    )
    fitted = _fitted(requests, source)
    cached = select(
        requests, scenario=source.scenario, regime=source.regime, variant=source.variant
    )
    return Evidence(
        label=f"{source.variant}, {source.regime}",
        numbers=_measured(fitted) | {"hit_ratio": hit_share(cached) or 0.0},
        session=1 + max(read.index for read in cached),
        failed_checks=failed_checks,
    )


@dataclass(frozen=True, slots=True)
class Known:
    """A number and its origin."""

    name: str
    value: float
    origin: Literal["given", "measured", "predicted", "assumed"]


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

    def __getitem__(self, name: str) -> float:
        return self.numbers[name].value

    def assumes(self, *names: str) -> bool:
        """Tell whether one of these numbers was neither given nor found out."""
        return any(self.numbers[name].origin == "assumed" for name in names)

    @property
    def hit_ratio(self) -> float:
        """Return the hit ratio that is counted with."""
        return self["hit_ratio"]

    @property
    def fill_s(self) -> float:
        """Return how long a fill takes."""
        return self.model.miss_total_ms / MS_PER_S


def gather(question: Question, evidence: Evidence | None) -> WorkloadFacts:
    """Take each number from the question, else from the run, else as assumed."""
    numbers = {
        name: known for name in NUMBERS if (known := _known(question, evidence, name)) is not None
    }
    model = CostModel(
        app_ms=numbers["app_ms"].value,
        database_ms=numbers["db_ms"].value,
        hit_ms=numbers["hit_ms"].value,
        miss_ms=numbers["miss_ms"].value,
        invalidation_ms=numbers["invalidation_ms"].value,
    )
    # As long as an uncached read.
    numbers.setdefault("write_ms", Known("write_ms", model.uncached_ms, "assumed"))
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
    numbers.setdefault("hit_ratio", Known("hit_ratio", predicted, "predicted"))
    return WorkloadFacts(
        numbers={name: numbers[name] for name in NUMBERS},
        model=model,
        writes=Writes(share=share, write_ms=numbers["write_ms"].value),
        reads_per_s=reads_per_s,
        writes_per_s=writes_per_s,
        predicted_hit_ratio=predicted,
    )


def _known(question: Question, evidence: Evidence | None, name: str) -> Known | None:
    if name in question.numbers:
        return Known(name, float(question.numbers[name]), "given")
    # A workload that is said says more of its hit ratio than a run of another.
    told = name == "hit_ratio" and question.says_workload
    if evidence is not None and name in evidence.numbers and not told:
        return Known(name, evidence.numbers[name], "measured")
    assumed = NUMBERS[name].assumed
    return None if assumed is None else Known(name, assumed, "assumed")


def _measured(fitted: Fit) -> dict[str, float]:
    model = fitted.model
    numbers = {
        "db_ms": model.database_ms,
        "hit_ms": model.hit_ms,
        "app_ms": model.app_ms,
        "miss_ms": model.miss_ms,
    }
    if fitted.write_ms is not None:
        numbers |= {"write_ms": fitted.write_ms, "invalidation_ms": model.invalidation_ms}
    return numbers


def _fitted(requests: Sequence[Sample], source: Source) -> Fit:
    try:
        return fit(requests, source)
    except CannotFit as error:
        raise UsageError(
            f"this run cannot be advised on: {error}. Run fivefold compare --scenario {SESSION}, "
            "or give the numbers as options"
        ) from error
