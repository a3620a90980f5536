from dataclasses import replace
from typing import Any

import pytest

from benchmarks.analysis.checks.judge import judge_checks
from benchmarks.analysis.claims.claim import CLAIMS, parse_claim
from benchmarks.analysis.findings import Finding, judge_claims
from benchmarks.analysis.quantities.groups import groups_of
from benchmarks.analysis.quantities.summary import summarise
from benchmarks.storage.records import Sample
from tests.unit.benchmarks.analysis.checks.parts import changed
from tests.unit.benchmarks.analysis.checks.test_machine import record
from tests.unit.benchmarks.simulate import (
    OPTIONS,
    header,
    run_samples,
    scenario,
    variants,
)


def judged(samples: list[Sample], **changes: Any) -> list[Finding]:
    run = header(**changes)
    [group] = groups_of(run, samples)
    checks = judge_checks(run, [group])
    return judge_claims(group, summarise(group), checks, [*CLAIMS.values(), *run.options.claims])


def findings(samples: list[Sample], **changes: Any) -> dict[str, Finding]:
    """Judge every claim about the one variant that caches."""
    return {finding.claim: finding for finding in judged(samples, **changes)}


@pytest.mark.parametrize(
    ("times_ms", "decisions", "remark"),
    [
        # The tutorial is right about everything but 5x.
        (
            {"bypass": 50, "miss": 50, "hit": 1},
            dict.fromkeys(CLAIMS, "reproduced ") | {"C2": "not reproduced weaker"},
            "impossible at n=5, first met at n=6 by the means of this run",
        ),
        # A cheaper hit and a faster database are told apart.
        (
            {"bypass": 4, "miss": 6, "hit": 0.6},
            {
                "C3": "reproduced ",
                "C4a": "not reproduced faster",
                "C5": "not reproduced more",
            },
            None,
        ),
        (
            {"bypass": 2.4, "miss": 3.9, "hit": 1.35},
            {"C1": "not reproduced weaker"},
            "impossible at n=5, and at any n here: S(n) stays below 1.78",
        ),
    ],
)
def test_every_claim_is_judged_by_what_was_measured(
    times_ms: Any, decisions: dict[str, str], remark: str | None
) -> None:
    found = findings(run_samples(times_ms=times_ms, noise=0.005, observations=20, db_ms=49))

    seen = {name: f"{f.verdict} {f.qualifier}" for name, f in found.items()}
    assert decisions.items() <= seen.items()
    assert remark is None or found["C2"].remark == remark
    assert found["C3"].unit == "ms"
    assert found["C6"].ratio == pytest.approx(5)


@pytest.mark.parametrize(("variant", "untouched"), [("uncached", set()), ("cached", {"C4a"})])
def test_what_is_wrong_leaves_the_claims_undecided_that_it_touches(
    variant: str, untouched: set[str]
) -> None:
    samples = changed(run_samples(), {"variant": variant}, status=500)

    found = findings(samples)

    void = {name for name, each in found.items() if each.failed == ("errors",)}
    # All that is compared with a wrong reference is wrong as well.
    assert void == {*CLAIMS} - untouched
    for name in void:
        assert found[name].verdict == "inconclusive"
        assert found[name].qualifier == "failed: errors"


def test_noise_leaves_nothing_undecided_by_itself() -> None:
    stolen = record(steal_share=0.3, pressure_share=0.9)

    quiet, noisy = (findings(run_samples(), system=system) for system in ((), (stolen,)))

    assert noisy == quiet


def test_one_observation_decides_nothing() -> None:
    found = findings(run_samples(observations=1))

    assert found["C1"].qualifier == "too few observations"
    assert (found["C1"].low, found["C1"].high) == (None, None)


def test_without_a_hit_there_is_no_model_and_the_remark_stays_short() -> None:
    samples = [
        replace(entry, outcome="miss") if entry.outcome == "hit" else entry
        for entry in run_samples()
    ]

    assert findings(samples)["C2"].remark == "impossible at n=5"
    # What is impossible from a cold cache may hold from a warm one.
    warm = findings(run_samples(warm=True), scenarios=(scenario(primed="session"),))
    assert warm["C2"].remark == ""


def test_a_ceiling_another_scenario_and_another_regime_are_not_judged() -> None:
    names = ("uncached", "cached", "static")
    hits = run_samples(scenario="hits", warm=True)

    found = judged(run_samples(variants=names), variants=variants(*names))

    assert {finding.variant for finding in found} == {"cached"}
    assert judged(hits, scenarios=(scenario("hits", primed="session"),)) == []
    assert judged(run_samples(regime="db+1ms")) == []
    assert len(judged(run_samples(regime="50ms-per-request"))) == len(CLAIMS)


def test_a_claim_of_the_user_s_is_judged_and_asked() -> None:
    claim = parse_claim("cached/uncached p50 >= 20", name="U1")
    options = replace(OPTIONS, claims=(claim,), asked=("U1", "C1@native"))

    found = findings(run_samples(observations=10, noise=0.005), options=options)

    assert found["U1"].verdict == "reproduced"
    assert {name for name, finding in found.items() if finding.asked} == {"U1", "C1"}
