"""What voids a run with many users at a time."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from benchmarks.analysis.checks.check import Guard
from benchmarks.analysis.checks.judge import judge_guards
from benchmarks.analysis.checks.load import pace
from benchmarks.analysis.checks.measured import Measured
from benchmarks.analysis.checks.noise import noise
from benchmarks.analysis.quantities.plan import Plan
from benchmarks.analysis.quantities.response import responses
from benchmarks.analysis.quantities.summary import summarise
from benchmarks.load.job import LoadJob, LoadTools
from benchmarks.load.options import LoadOptions
from benchmarks.runner.dependencies import Dependencies
from benchmarks.storage.records import Sample
from tests.unit.benchmarks.load.simulated import load_samples
from tests.unit.benchmarks.simulate import sample


def guards(
    samples: Sequence[Sample] | None = None,
    *,
    scenario: str = "mostly-reads",
    rate: float | None = None,
    own: bool = True,
    **about: Any,
) -> dict[str, Guard]:
    """Judge samples as those of a run whose header says so; noise is that of the cached one."""
    options = LoadOptions.asked_for(scenario, rate=rate)
    header = LoadJob(options, LoadTools(tools=Dependencies())).header
    header["environment"] = {"database": {"label": "a MongoDB"} if own else None, "redis": None}
    header["load"] |= {"cores": {"locust": 0.3}} | about
    header["system"] = header["system"] or about.get("system", [])
    plan = Plan(header)
    given = [replace(each, scenario=scenario) for each in samples or load_samples()]
    groups = plan.groups(responses(given))
    summaries = {group.key: summarise(group.samples, variants=group.variants) for group in groups}
    return {guard.name: guard for guard in judge_guards(plan, groups, summaries)}


def failed(judged: dict[str, Guard]) -> set[str]:
    return {name for name, guard in judged.items() if not guard.passed}


def changed(**changes: Any) -> list[Sample]:
    """Return a run in which one cached read was otherwise."""
    samples = list(load_samples())
    place = next(
        number
        for number, each in enumerate(samples)
        if each.variant == "cached" and each.action == "list"
    )
    samples[place] = replace(samples[place], **changes)
    return samples


def test_a_run_in_which_all_is_well_passes_everything() -> None:
    judged = guards()

    assert failed(judged) == set()
    assert judged.keys() >= {"errors", "outcomes", "redis-errors", "noise", "drift", "client"}


def test_a_429_is_named_with_what_to_do() -> None:
    guard = guards(changed(status=429, outcome="unknown"))["errors"]

    assert not guard.passed
    assert guard.detail == "1x 429 to list from cached"
    assert "TRUSTED_PROXIES" in guard.advice


def test_a_request_without_an_answer_is_a_failure() -> None:
    guard = guards(changed(status=0, outcome="unknown"))["errors"]

    assert guard.detail == "1x no answer to list from cached"


def test_failures_that_no_block_counts_are_told_by_locusts_own_totals() -> None:
    lost = [{"name": "cached: list", "requests": 70, "failures": 2}]

    guard = guards(failures=lost)["errors"]

    assert not guard.passed
    assert guard.detail == "2 failed of all 70 requests cached: list"


@pytest.mark.parametrize("slots", ["todos=unavailable user=hit", "todos=evicted user=evicted"])
def test_an_answer_without_redis_voids_the_run(slots: str) -> None:
    guard = guards(changed(slots=slots, outcome="miss"))["redis-errors"]

    assert not guard.passed
    assert guard.detail.startswith("1x todos=")


@pytest.mark.parametrize("slots", ["todos=invalidated user=hit", "todos=waited user=cold"])
def test_a_miss_that_redis_answered_is_none(slots: str) -> None:
    assert failed(guards(changed(slots=slots, outcome="miss"))) == set()


def test_a_cache_that_is_switched_off_is_seen() -> None:
    judged = guards(changed(slots="todos=off user=off", outcome="bypass"))

    assert failed(judged) == {"outcomes"}


def test_bodies_are_compared_where_nobody_writes_and_the_data_is_ours() -> None:
    reads = [each for each in load_samples() if each.action == "list"]
    wrong = [*reads[:-1], replace(reads[-1], body_hash="else")]

    assert failed(guards(wrong, scenario="zipf")) == {"bodies"}
    assert "bodies" not in guards(wrong, scenario="zipf", own=False)
    assert "bodies" not in guards()


def test_noise_that_is_too_loud_is_said_with_options_that_a_load_has() -> None:
    loud = [
        replace(each, duration_s=each.duration_s * (1 + each.block % 4)) for each in load_samples()
    ]

    guard = guards(loud)["noise"]

    assert not guard.passed
    assert "--seconds" in guard.advice


def test_users_who_queue_for_each_other_may_be_twice_as_noisy_as_single_requests() -> None:
    unsteady = [
        replace(each, duration_s=each.duration_s * (1 + 0.2 * (each.block % 2)))
        for each in load_samples()
    ]

    assert guards(unsteady)["noise"].passed
    assert {each.finding() for each in noise(unsteady)} == {"noisy"}


def test_too_few_observations_tell_no_drift() -> None:
    assert "drift" not in guards(list(load_samples(observations=5)))
    assert "drift" in guards(list(load_samples(observations=6)))


def test_an_observation_without_all_of_its_blocks_counts_for_nothing() -> None:
    lost = [
        each for each in load_samples() if (each.variant, each.observation) != ("cached again", 3)
    ]

    assert failed(guards(lost)) == set()
    assert "in 9 pairs" in guards(lost)["noise"].detail


def test_of_refusals_no_noise_is_asked() -> None:
    refused = [
        replace(each, action="guess", outcome="write", status=429) for each in load_samples()
    ]

    judged = guards(refused, scenario="limit-burst")

    assert failed(judged) == set()
    assert not judged.keys() & {"noise", "drift"}


def test_a_busy_locust_is_named() -> None:
    guard = guards(cores={"locust": 0.1, "locust-worker-1": 0.9, "locust-worker-2": None})["client"]

    assert not guard.passed
    assert "locust-worker-1 used 0.90 of a core" in guard.detail


def test_a_machine_that_waits_is_what_load_is_but_stolen_time_is_not() -> None:
    about = {
        "scenario": "mostly-reads",
        "regime": "load",
        "seconds": 60.0,
        "client_cores": 0.1,
        "pressure_share": 0.97,
        "nonvoluntary_per_s": 1.0,
    }

    fine, stolen = (guards(system=[about | {"steal_share": share}]) for share in (0.01, 0.2))

    assert fine["machine"].passed
    assert "97% of the time" in fine["machine"].detail
    assert not stolen["machine"].passed


def scheduled(*, late_s: float = 0.0, growing: bool = False, seconds: float = 1.0) -> Measured:
    """Make two variants at 100 requests per second; the uncached one may not keep up."""
    samples = []
    for number, variant in enumerate(["uncached", "cached"] * 3):
        for place in range(int(100 * seconds)):
            due_s = number * seconds + place / 100
            queue_s = place / 100 if growing and variant == "uncached" else 0.0
            samples.append(
                sample(
                    regime="load",
                    variant=variant,
                    block=number,
                    observation=number // 2,
                    intended_start_s=due_s,
                    start_s=due_s + late_s,
                    duration_s=0.01 + queue_s,
                )
            )
    return Measured(
        samples=responses(samples),
        variants=("uncached", "cached"),
        caching=frozenset({"cached"}),
        ours=frozenset({"cached"}),
    )


def test_a_service_that_cannot_keep_up_is_called_unstable_not_slow() -> None:
    guard = pace(scheduled(growing=True), rate=100)

    assert not guard.passed
    assert "uncached is unstable at 100/s" in guard.detail
    assert "cached is unstable" not in guard.detail.replace("uncached", "")


def test_a_service_that_refuses_what_it_cannot_do_is_unstable_too() -> None:
    part = scheduled()
    refusing = [
        replace(each, status=503) if each.variant == "cached" and number % 20 == 0 else each
        for number, each in enumerate(part.samples)
    ]

    guard = pace(replace(part, samples=refusing), rate=100)

    assert "; ".join(guard.detail.split("; ")[:1]) == (
        "cached is unstable at 100/s: 95.0% of its requests got a good answer"
    )
    assert not guard.passed


def test_a_service_that_keeps_up_is_not() -> None:
    guard = pace(scheduled(), rate=100)

    assert guard.passed
    assert "answered 100.0% of 100/s or more" in guard.detail


def test_a_generator_that_sends_late_is_blamed_itself() -> None:
    guard = pace(scheduled(late_s=0.004), rate=100)

    assert not guard.passed
    assert "sent late by p99 4.00 ms (at most 2.00)" in guard.detail
    assert "Locust" in guard.advice


def test_only_a_run_with_a_rate_is_asked_for_its_pace() -> None:
    assert "pace" not in guards()
    assert "pace" in guards(rate=100.0)
