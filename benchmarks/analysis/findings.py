"""Every claim judged in every regime: never one global yes or no."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.analysis.checks.check import Check
from benchmarks.analysis.claims.claim import Claim
from benchmarks.analysis.claims.verdict import (
    Decision,
    Verdict,
    judge,
)
from benchmarks.analysis.quantities.estimates import estimate, too_little
from benchmarks.analysis.quantities.groups import Group
from benchmarks.analysis.quantities.summary import RegimeSummary
from benchmarks.analysis.stats.intervals import CONFIDENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One claim about one variant in one regime, with the interval that decided.

    ``unit`` is ``x`` or ``ms``. The ``qualifier`` says in a word or two how far off the claim is.
    ``asked`` findings decide how the command ends. ``failed`` names the checks that make it void.
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
    verdict: Decision
    qualifier: str
    remark: str
    asked: bool
    failed: tuple[str, ...] = ()
    confidence: float = CONFIDENCE


def judge_claims(
    group: Group,
    summary: RegimeSummary,
    checks: Sequence[Check],
    claims: Iterable[Claim],
) -> list[Finding]:
    """Judge the claims about this group for every variant that they are about.

    A check that found something wrong leaves the claims undecided that it touches, one that found
    noise none: their intervals are wide enough for it.
    """
    return [
        _finding(claim, group, summary, checks, variant)
        for claim in claims
        for variant in _variants(claim, group)
    ]


def _variants(claim: Claim, group: Group) -> Iterator[str]:
    scenario, regime = group.key
    if claim.scenario != scenario:
        return
    if claim.regime != regime and (claim.regime or group.regime.role != "claim"):
        return
    for name in group.variants[1:] if not claim.variant else group.variants:
        if name not in group.header.ceilings and claim.variant in {"", name}:
            yield name


def _finding(
    claim: Claim, group: Group, summary: RegimeSummary, checks: Sequence[Check], variant: str
) -> Finding:
    reference = claim.reference or group.header.reference
    measured = estimate(claim, group, reference, variant)
    scenario, regime = group.key
    about = claim.about(reference, variant)
    voids = (each.name for each in checks if each.voids(group.key, about, counts=claim.is_count))
    failed = tuple(dict.fromkeys(voids))
    if failed:
        verdict = Verdict("inconclusive", f"failed: {', '.join(failed)}")
    elif measured is None:
        verdict = Verdict("inconclusive", too_little(claim, group, reference, variant))
    else:
        verdict = judge(claim, low=measured.low, high=measured.high)
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
        verdict=verdict.decision,
        qualifier=verdict.qualifier,
        # Nothing is known of what services of others had cached before.
        remark="" if group.is_foreign else _remark(claim, group, summary, variant),
        asked=bool({claim.name, f"{claim.name}@{regime}"} & set(group.header.options.asked)),
        failed=failed,
    )


def _remark(claim: Claim, group: Group, summary: RegimeSummary, variant: str) -> str:
    # S(n) < n is about the whole session from a cold cache.
    bounded = claim.statistic == "total" and claim.kind == "at_least"
    if not (group.starts_cold and bounded) or claim.value < summary.reads:
        return ""
    impossible = f"impossible at n={summary.reads}"
    model = summary.of(variant).costs
    if model is None:
        return impossible
    reads = model.reads_needed(claim.value)
    if reads is None:
        return f"{impossible}, and at any n here: S(n) stays below {model.limit:.2f}"
    return f"{impossible}, first met at n={reads} by the means of this run"
