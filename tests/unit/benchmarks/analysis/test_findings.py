from dataclasses import replace

from benchmarks.analysis.findings import Finding, judge_claims, measured_model
from benchmarks.analysis.guards import judge_guards
from benchmarks.analysis.summary import summarise
from benchmarks.records import Sample
from tests.unit.benchmarks.simulate import run_samples


def findings(samples: list[Sample]) -> dict[str, Finding]:
    summary = summarise(samples, variants=("uncached", "cached"))
    guards = judge_guards(samples, summary, delay_ms=0)
    return {finding.claim: finding for finding in judge_claims(summary, guards)}


def test_the_seed_s_numbers_reproduce_4_63_and_not_5() -> None:
    found = findings(run_samples(times_ms={"bypass": 50, "miss": 50, "hit": 1}, noise=0.005))

    assert found["C1"].verdict.decision == "reproduced"
    assert found["C2"].verdict.decision == "not reproduced"
    assert found["C2"].remark == "impossible at n=5, first met at n=6 by the means of this run"


def test_a_fast_database_never_makes_5x() -> None:
    found = findings(run_samples(times_ms={"bypass": 2.4, "miss": 3.9, "hit": 1.35}))

    assert found["C1"].verdict.qualifier == "weaker"
    assert found["C2"].remark == "impossible at n=5, and at any n here: S(n) stays below 1.78"


def test_a_failed_check_leaves_every_claim_undecided() -> None:
    samples = run_samples()
    samples[3] = replace(samples[3], status=500)

    verdicts = {finding.verdict for finding in findings(samples).values()}

    assert {(v.decision, v.qualifier) for v in verdicts} == {("inconclusive", "failed: errors")}


def test_one_observation_decides_nothing() -> None:
    found = findings(run_samples(observations=1))

    assert found["C1"].verdict.qualifier == "too few observations"
    assert (found["C1"].low, found["C1"].high) == (None, None)


def test_a_miss_that_seems_cheaper_than_no_cache_is_noise_for_the_model() -> None:
    samples = run_samples(times_ms={"bypass": 50, "miss": 30, "hit": 0.1}, noise=0)
    model = measured_model(summarise(samples, variants=("uncached", "cached")), "cached")

    assert model is not None
    assert model.reads_needed(5) == 6


def test_without_a_hit_there_is_no_model_and_the_remark_stays_short() -> None:
    samples = [
        replace(entry, outcome="miss") if entry.outcome == "hit" else entry
        for entry in run_samples()
    ]

    assert findings(samples)["C2"].remark == "impossible at n=5"


def test_a_ceiling_is_no_claimant() -> None:
    names = ("uncached", "cached", "static")
    summary = summarise(run_samples(variants=names), variants=names)

    found = judge_claims(summary, [], ceilings={"static"})

    assert {finding.variant for finding in found} == {"cached"}


def test_the_claims_of_the_session_are_not_judged_by_another_scenario() -> None:
    summary = summarise(run_samples(scenario="hits", warm=True), variants=("uncached", "cached"))

    assert judge_claims(summary, []) == []
