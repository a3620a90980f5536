"""Every claim judged in every regime: never one global yes or no."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.analysis.checks import Check
from benchmarks.analysis.claims.claim import CLAIMS, Claim
from benchmarks.analysis.claims.power import blocks_to_decide
from benchmarks.analysis.claims.verdict import Verdict, edges, judge, undecided
from benchmarks.analysis.model.cost import CostModel
from benchmarks.analysis.quantities.evidence import evidence
from benchmarks.analysis.quantities.plan import Group, Plan
from benchmarks.analysis.quantities.summary import RegimeSummary
from benchmarks.analysis.stats.ratio import Interval

_TOO_MANY = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One claim about one variant in one regime, with the interval that decided.

    ``unit`` is ``x`` or ``ms``. ``asked`` findings decide how the command ends.
    """

    claim: str
    text: str
    scenario: str
    regime: str
    variant: str
    reference: str
    statistic: str
    unit: str
    ratio: float | None
    low: float | None
    high: float | None
    verdict: Verdict
    remark: str
    asked: bool


def judge_claims(
    group: Group,
    summary: RegimeSummary,
    checks: Sequence[Check],
    *,
    plan: Plan,
    claims: Iterable[Claim] = CLAIMS.values(),
) -> list[Finding]:
    """Judge the claims about this group for every variant that they are about.

    ``checks`` are those of the same group and of the run; one that failed leaves every claim
    undecided.
    """
    broken = [check for check in checks if not check.passed]
    return [
        _finding(claim, group, summary, broken, variant=variant, plan=plan)
        for claim in claims
        for variant in _variants(claim, group, plan)
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


def _variants(claim: Claim, group: Group, plan: Plan) -> Iterator[str]:
    scenario, regime = group.key
    if claim.scenario != scenario:
        return
    if claim.regime != regime and (claim.regime or group.regime["role"] != "claim"):
        return
    for name in group.variants[1:] if not claim.variant else group.variants:
        if name not in plan.ceilings and claim.variant in {"", name}:
            yield name


def _finding(
    claim: Claim,
    group: Group,
    summary: RegimeSummary,
    broken: Sequence[Check],
    *,
    variant: str,
    plan: Plan,
) -> Finding:
    reference = claim.reference or plan.reference
    measured = evidence(claim, group, reference, variant)
    scenario, regime = group.key
    verdict = _verdict(claim, measured, broken)
    return Finding(
        claim=claim.name,
        text=claim.text,
        scenario=scenario,
        regime=regime,
        variant=variant,
        reference=reference,
        statistic=f"S({summary.reads})" if claim.statistic == "total" else claim.statistic,
        unit=claim.unit,
        ratio=measured.centre if measured else None,
        low=measured.low if measured else None,
        high=measured.high if measured else None,
        verdict=verdict,
        remark=_remark(claim, summary, variant) or _missing(claim, measured, verdict, group),
        asked=bool({claim.name, f"{claim.name}@{regime}"} & set(plan.asked)),
    )


def _verdict(claim: Claim, measured: Interval | None, broken: Sequence[Check]) -> Verdict:
    if broken:
        return undecided("failed: " + ", ".join(dict.fromkeys(check.name for check in broken)))
    if measured is None:
        return undecided("too few observations")
    return judge(claim, low=measured.low, high=measured.high)


def _missing(claim: Claim, measured: Interval | None, verdict: Verdict, group: Group) -> str:
    """Say how much more would decide what only chance leaves open."""
    if measured is None or not verdict.qualifier.startswith("straddles"):
        return ""
    restarts = len({sample.restart for sample in group.samples})
    pairs = len({sample.observation for sample in group.samples})
    many, what = (restarts, "restarts") if restarts > 1 else (pairs, "pairs of blocks")
    straddled = [edge for edge in edges(claim) if measured.low <= edge <= measured.high]
    counts = [
        blocks_to_decide(measured, edge, blocks=many, unit=claim.unit) or _TOO_MANY
        for edge in straddled
    ]
    needed = max(counts, default=_TOO_MANY)
    if needed >= _TOO_MANY:
        return f"on the edge: no sensible number of {what} would decide it"
    return f"about {max(needed, many + 1)} {what} would decide it, {many} were measured"


def _remark(claim: Claim, summary: RegimeSummary, variant: str) -> str:
    # S(n) < n is about the whole session from a cold cache.
    bounded = claim.statistic == "total" and claim.kind == "at_least"
    if not bounded or claim.value < summary.reads:
        return ""
    impossible = f"impossible at n={summary.reads}"
    model = measured_model(summary, variant)
    if model is None:
        return impossible
    reads = model.reads_needed(claim.value)
    if reads is None:
        return f"{impossible}, and at any n here: S(n) stays below {model.limit:.2f}"
    return f"{impossible}, first met at n={reads} by the means of this run"
