from typing import Any

import pytest

from benchmarks.analysis.header import MeasuredScenario
from benchmarks.analysis.quantities.groups import Group, groups_of, responses
from benchmarks.storage.records import AGAIN, Sample
from tests.unit.benchmarks.simulate import header, regimes, run_samples, sample, scenario, variants

TWICE = ("uncached", "uncached" + AGAIN, "cached", "cached" + AGAIN)


def groups(samples: list[Sample], **changes: Any) -> list[Group]:
    return groups_of(header(**changes), samples)


def test_samples_are_sorted_by_scenario_and_regime() -> None:
    found = groups([*run_samples(), *run_samples(regime="db+1ms")])

    assert [group.key for group in found] == [("session", "native"), ("session", "db+1ms")]
    assert all(group.variants == ("uncached", "cached") for group in found)


def test_an_observation_that_lacks_a_variant_counts_for_nothing() -> None:
    samples = [each for each in run_samples() if (each.variant, each.observation) != ("cached", 0)]

    [group] = groups(samples)

    assert {each.observation for each in group.samples} == {*range(1, 8)}
    assert groups([each for each in samples if each.variant == "cached"]) == []
    # Under load each variant is measured beside itself.
    loaded = run_samples(regime="load", variants=TWICE)
    lacking = [each for each in loaded if (each.variant, each.observation) != (TWICE[1], 0)]
    [group] = groups(lacking, regimes=regimes("load"))
    assert {each.observation for each in group.samples} == {*range(1, 8)}


def test_a_group_of_noise_has_each_variant_twice() -> None:
    [group] = groups(run_samples(regime="a/a", variants=TWICE))

    assert set(group.variants) == set(TWICE)
    assert group.is_noise


def test_a_ceiling_has_no_part_in_what_changes_something() -> None:
    [group] = groups(
        run_samples(),
        variants=variants("uncached", "cached", "static"),
        scenarios=(scenario(changes=True, changing=("complete",)),),
    )

    assert group.variants == ("uncached", "cached")


@pytest.mark.parametrize(
    ("entry", "cold"),
    [
        (scenario(), True),
        (scenario(primed="session"), False),
        (scenario(kind="mix"), False),
    ],
)
def test_only_a_session_that_was_never_primed_starts_cold(
    entry: MeasuredScenario,
    cold: bool,  # noqa: FBT001
) -> None:
    [group] = groups(run_samples(), scenarios=(entry,))

    assert group.starts_cold is cold


@pytest.mark.parametrize(("regime", "duration_s"), [("load", 0.5), ("native", 0.2)])
def test_only_a_request_of_a_load_takes_from_when_it_was_due(
    regime: str, duration_s: float
) -> None:
    late = sample(regime=regime, intended_start_s=1.0, start_s=1.3, duration_s=0.2)

    assert responses([late])[0].duration_s == pytest.approx(duration_s)
