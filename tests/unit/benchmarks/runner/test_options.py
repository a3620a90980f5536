from pathlib import Path
from typing import Any

import pytest

from benchmarks.analysis.claims.claim import CLAIMS
from benchmarks.analysis.stats.stopping import StoppingRule
from benchmarks.runner.options import CompareOptions
from benchmarks.runner.profiles import PROFILES, QUICK
from benchmarks.scenarios import SCENARIOS
from benchmarks.storage.usage import UsageError
from benchmarks.variants import registry
from benchmarks.variants.registry import VARIANTS


@pytest.mark.parametrize(
    ("asked", "choices"),
    [
        ({"profile": "fast"}, "unknown profile 'fast'; choose from: quick, full"),
        (
            {"scenarios": ["zipfian"]},
            "unknown scenario 'zipfian'; did you mean zipf? choose from: " + ", ".join(SCENARIOS),
        ),
        ({"fail_on": ["C9"]}, "unknown claim 'C9'; choose from: " + ", ".join(CLAIMS)),
        (
            {"claims": ["cached/naive p50 >= 2"]},
            "unknown variant 'naive'; choose from: uncached, cached",
        ),
        ({"variants": ["redis"]}, "unknown variant 'redis'; choose from: " + ", ".join(VARIANTS)),
    ],
)
def test_a_wrong_name_is_answered_with_the_choices(asked: dict[str, Any], choices: str) -> None:
    with pytest.raises(UsageError) as refused:
        CompareOptions.from_profile(**asked)

    assert str(refused.value) == choices


@pytest.mark.parametrize(
    ("profile", "scenarios"),
    [("quick", ("session", "mostly-reads")), ("full", tuple(SCENARIOS))],
)
def test_every_profile_checks_itself_before_the_regimes_of_the_claims(
    profile: str, scenarios: tuple[str, ...]
) -> None:
    options = CompareOptions.from_profile(profile)

    assert options.scenarios == scenarios
    assert len(PROFILES) == 2
    assert options.regimes[:2] == ("native", "a/a")
    assert {"50ms-per-request", "50ms-per-query"} <= set(options.regimes)


@pytest.mark.parametrize(
    ("asked", "got"),
    [
        ([], ("uncached", "cached")),
        (["cached"], ("uncached", "cached")),
        (["cached", "uncached", "cached"], ("uncached", "cached")),
    ],
)
def test_the_reference_comes_first_whether_asked_for_or_not(
    asked: list[str], got: tuple[str, ...]
) -> None:
    assert CompareOptions.from_profile(variants=asked).variants == got


LIMITS = r"--[a-z-]+ is -?\d+; it takes [\d.]+ to \d+"


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        ({"seed": -1}, LIMITS),
        ({"out": Path(__file__)}, "is a file"),
        ({"blocks": 1}, LIMITS),
        ({"variants": ["uncached"]}, "choose at least one of: cached"),
        ({"claims": ["it is fast"]}, '--claim .*such as "cached/uncached p50 >= 5"'),
        ({"scenarios": ["writes"], "variants": ["static"]}, "answers reads only"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_does(
    asked: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(UsageError, match=complaint):
        CompareOptions.from_profile(**asked)


def test_blocks_hold_for_every_part() -> None:
    options = CompareOptions.from_profile(blocks=4)

    assert {part.plan.observations for part in options.cases} == {4}


def test_a_variant_whose_packages_are_missing_names_the_extra_that_has_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(registry, "missing_packages", lambda variant: variant.packages)

    with pytest.raises(UsageError, match=r"needs cashews, .*pip install 'fivefold\[rivals\]'"):
        CompareOptions.from_profile(variants=["cashews"])


def test_a_scenario_that_was_asked_for_replaces_the_profile_s_but_not_what_guards_it() -> None:
    parts = CompareOptions.from_profile(scenarios=["hits"]).cases

    assert [part.regime for part in parts if part.scenario == "session"] == list(QUICK.control)
    assert [part.regime for part in parts if part.scenario == "hits"] == list(QUICK.others)
    assert {part.scenario for part in parts} == {"session", "hits"}


@pytest.mark.parametrize("regime", ["native", "50ms-per-request", "50ms-per-query"])
def test_a_regime_with_claims_can_stop_early_in_the_quick_profile_so_a_noisy_machine_measures_on(
    regime: str,
) -> None:
    rule = StoppingRule()
    plans = [each.plan for each in CompareOptions.from_profile().cases if each.regime == regime]

    assert max(plan.observations for plan in plans) > rule.least + rule.further


def test_a_claim_in_words_is_asked_and_can_name_its_regime() -> None:
    options = CompareOptions.from_profile(
        claims=["cached/uncached p50 >= 5 in native"], fail_on=["C1@native"]
    )

    assert options.asked == ("C1@native", "U1")
    assert (options.claims[0].regime, options.claims[0].value) == ("native", 5)


def test_a_ceiling_sits_out_what_it_cannot_answer() -> None:
    options = CompareOptions.from_profile(
        scenarios=["session", "writes"], variants=["cached", "static"]
    )

    assert options.variants_of("session") == ("uncached", "cached", "static")
    assert options.variants_of("writes") == ("uncached", "cached")
