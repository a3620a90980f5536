"""What a stored run says about the costs of its variants."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.analysis.model.fit import CannotFit, Fit, Source, fit
from benchmarks.analysis.model.mixture import Empirical
from benchmarks.analysis.model.observed import MS_PER_S, Request, select
from benchmarks.analysis.model.residuals import Residual, residuals
from benchmarks.storage.usage import UsageError
from benchmarks.variants.registry import REFERENCE

SCENARIO = "session"
_NATIVE = "native"
_OURS = "cached"


@dataclass(frozen=True, slots=True)
class Times:
    """Measured times in milliseconds."""

    times_ms: Sequence[float]

    def with_mean_ms(self, mean_ms: float) -> Empirical:
        """Return their distribution, stretched to a mean: what is asked may not be what was."""
        factor = mean_ms * len(self.times_ms) / sum(self.times_ms)
        return Empirical([time_ms * factor for time_ms in self.times_ms])


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A fitted run: numbers by the names of the options, and the times of reads by outcome."""

    label: str
    fitted: Fit
    residuals: Sequence[Residual]
    hit_ratio: float
    sessions: str  # what the hit ratio was measured in
    times: tuple[Times, Times, Times]  # uncached, hits, misses
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
    requests: Sequence[Request],
    *,
    variant: str | None = None,
    regime: str | None = None,
    failed_checks: Sequence[str] = (),
) -> Evidence:
    """Fit a run's model; without a choice ours and the database as it is, or the first there is.

    Raises ``UsageError`` for a variant or regime that was not measured, and where the samples do
    not hold what a model is made of.
    """
    others = _ordered(request.variant for request in requests if request.variant != REFERENCE)
    source = Source(
        variant=_chosen("variant", variant, others, _OURS),
        regime=_chosen("regime", regime, _ordered(r.regime for r in requests), _NATIVE),
        reference=REFERENCE,
        scenario=SCENARIO,
    )
    try:
        fitted = fit(requests, source)
    except CannotFit as error:
        raise UsageError(
            f"this run cannot be advised on: {error}. Run fivefold compare --scenario {SCENARIO}, "
            "or give the numbers as options"
        ) from error
    reads = select(requests, scenario=source.scenario, regime=source.regime)
    cached = select(reads, variant=source.variant)
    uncached = select(reads, variant=source.reference, outcome="bypass")
    hits = select(cached, outcome="hit")
    return Evidence(
        label=f"{source.variant}, {source.regime}",
        fitted=fitted,
        residuals=residuals(fitted, requests),
        hit_ratio=len(hits) / len(cached),
        sessions=f"sessions of {1 + max(read.index for read in cached)} reads from a cold cache",
        times=(_times(uncached), _times(hits), _times(select(cached, outcome="miss"))),
        failed_checks=failed_checks,
    )


def _times(requests: Sequence[Request]) -> Times:
    return Times([request.duration_s * MS_PER_S for request in requests])


def _ordered(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _chosen(kind: str, asked: str | None, there: Sequence[str], usual: str) -> str:
    if asked is None:
        if not there:
            raise UsageError(f"this run holds no {kind} beside {REFERENCE}: nothing to advise on")
        return usual if usual in there else there[0]
    if asked not in there:
        raise UsageError(f"--{kind} {asked!r} is not in this run; choose from: {', '.join(there)}")
    return asked
