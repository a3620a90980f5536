"""Every claim judged in every regime: never one global yes or no."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from benchmarks.analysis.claims import CLAIMS, Claim, CostModel
from benchmarks.analysis.guards import Guard
from benchmarks.analysis.summary import Ratio, RegimeSummary
from benchmarks.analysis.verdict import Verdict, judge, undecided


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One claim about one variant in one regime, with the interval that decided."""

    claim: str
    scenario: str
    regime: str
    variant: str
    reference: str
    statistic: str
    ratio: float
    low: float | None
    high: float | None
    verdict: Verdict
    remark: str


def judge_claims(
    summary: RegimeSummary,
    guards: Sequence[Guard],
    *,
    ceilings: Collection[str] = (),
    claims: Iterable[Claim] = CLAIMS.values(),
) -> list[Finding]:
    """Judge the claims about this scenario for every variant that caches.

    ``guards`` are those of the same regime and of the run; one that failed leaves every claim
    undecided.
    """
    broken = [guard for guard in guards if not guard.passed]
    return [
        Finding(
            claim=claim.name,
            scenario=summary.scenario,
            regime=summary.regime,
            variant=ratio.variant,
            reference=ratio.reference,
            statistic=f"S({summary.reads})",
            ratio=ratio.ratio,
            low=ratio.deciding.low if ratio.deciding else None,
            high=ratio.deciding.high if ratio.deciding else None,
            verdict=_verdict(claim, ratio, broken),
            remark=_remark(claim, summary, ratio.variant),
        )
        for ratio in summary.ratios
        if ratio.variant not in ceilings
        for claim in claims
        if claim.scenario == summary.scenario
    ]


def measured_model(summary: RegimeSummary, variant: str) -> CostModel | None:
    """Return the cost model of a variant's measured means, None when an outcome is missing."""
    uncached = summary.of(summary.reference).mean_ms("bypass")
    miss = summary.of(variant).mean_ms("miss")
    hit = summary.of(variant).mean_ms("hit")
    if uncached is None or miss is None or hit is None:
        return None
    # A miss does all that an uncached read does and more; a mean below that is noise.
    return CostModel.from_means(uncached_ms=uncached, miss_ms=max(miss, uncached), hit_ms=hit)


def _verdict(claim: Claim, ratio: Ratio, broken: Sequence[Guard]) -> Verdict:
    if broken:
        return undecided("failed: " + ", ".join(guard.name for guard in broken))
    if ratio.deciding is None:
        return undecided("too few observations")
    return judge(claim, low=ratio.deciding.low, high=ratio.deciding.high)


def _remark(claim: Claim, summary: RegimeSummary, variant: str) -> str:
    if claim.kind != "at_least" or claim.ratio < summary.reads:
        return ""
    impossible = f"impossible at n={summary.reads}"
    model = measured_model(summary, variant)
    if model is None:
        return impossible
    reads = model.reads_needed(claim.ratio)
    if reads is None:
        return f"{impossible}, and at any n here: S(n) stays below {model.limit:.2f}"
    return f"{impossible}, first met at n={reads} by the means of this run"
