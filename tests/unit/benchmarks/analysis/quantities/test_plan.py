from benchmarks.analysis.quantities.plan import Plan
from benchmarks.storage.records import AGAIN
from tests.unit.benchmarks.simulate import header, run_samples, scenario, variants


def test_samples_are_sorted_by_scenario_and_regime() -> None:
    samples = [*run_samples(), *run_samples(regime="db+1ms")]

    groups = Plan(header()).groups(samples)

    assert [group.key for group in groups] == [("session", "native"), ("session", "db+1ms")]
    assert all(group.variants == ("uncached", "cached") for group in groups)


def test_an_observation_that_lacks_a_variant_counts_for_nothing() -> None:
    samples = [each for each in run_samples() if (each.variant, each.observation) != ("cached", 0)]

    [group] = Plan(header()).groups(samples)

    assert 0 not in {sample.observation for sample in group.samples}


def test_what_holds_nothing_complete_is_no_group() -> None:
    samples = [each for each in run_samples() if each.variant == "cached"]

    assert Plan(header()).groups(samples) == []


def test_a_group_of_noise_has_each_variant_twice() -> None:
    names = ("uncached", "uncached" + AGAIN, "cached", "cached" + AGAIN)

    [group] = Plan(header()).groups(run_samples(regime="a/a", variants=names))

    assert set(group.variants) == set(names)
    assert group.is_noise


def test_a_ceiling_has_no_part_in_what_changes_something() -> None:
    plan = Plan(
        header(
            variants=variants("uncached", "cached", "static"),
            scenarios=[scenario(changes=True, changing=["complete"])],
        )
    )

    [group] = plan.groups(run_samples())

    assert group.variants == ("uncached", "cached")


def test_only_a_session_that_was_never_primed_starts_cold() -> None:
    for entry, cold in (
        (scenario(), True),
        (scenario(primed="session"), False),
        (scenario(kind="mix"), False),
    ):
        [group] = Plan(header(scenarios=[entry])).groups(run_samples())
        assert group.starts_cold == cold
