"""Whether a run with many users at a time may be believed: its answers, its client, its machine.

The users share the service, so what one of them meets depends on the others: bodies are compared
where nobody writes, hits with no ideal cache. Durations count from the intended start.
"""

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.analysis.checks.answers import bodies, outcomes, stand_in
from benchmarks.analysis.checks.check import Check
from benchmarks.analysis.checks.drift import drift
from benchmarks.analysis.checks.machine import (
    CLIENT_CORES,
    LAG_SHARE,
    LEAST_RATE,
    STEAL_SHARE,
    Use,
)
from benchmarks.analysis.checks.measured import Measured, plain
from benchmarks.analysis.checks.noise import equal_to_itself
from benchmarks.analysis.quantities.open_loop import GROWTH
from benchmarks.analysis.quantities.plan import Plan
from benchmarks.analysis.stats.blocks import MS_PER_S
from benchmarks.storage.records import Sample

NO_ANSWER = 0
"""The status of a request that got no whole answer."""
REDIS_FAILED = frozenset({"bypass", "unavailable", "fenced", "unleased", "corrupt", "evicted"})
"""What a cached slot says when Redis did not answer, came back, or lost what it held."""
_TOO_MANY = 429
NOISE = 0.20
"""How wide an interval of a variant against itself may be, and how far off 1 it may reach: twice of
what is allowed where one request is served at a time. Users who queue behind a write that takes
twenty reads' time need four times the requests for the same interval, and what is asked of a cache
under load is whether it is several times faster."""
LAG_MS = 2.0
"""How late requests may be sent at p99. Locust waits with gevent, of which 1.13 ms were measured on
an idle machine at 200 requests per second (METHOD 6); the recorder's own open loop allows 1 ms."""
_NOISY = "end what else runs on this machine, or measure longer (--seconds)"
_LEAST_ARRIVALS = 2
_LEAST_FOR_DRIFT = 6
"""Three in each half: with fewer no change is too large for the interval."""


def load_checks(case: Measured, plan: Plan) -> Iterator[Check]:
    """Check a case in which many users were served."""
    load = plan.header["load"]
    yield _errors(case, load["failures"])
    yield from _answers(case, plan)
    if plan.claims:
        yield from _differences(case)
    if load["rate"]:
        yield pace(case, rate=load["rate"])
    yield _clients(case, load["cores"])
    used = [record for record in plan.header["system"] if record["scenario"] == case.scenario]
    if used:
        yield _machine(case, Use.of(used))


def pace(case: Measured, *, rate: float) -> Check:
    """Check that requests were sent when they were due, and that every variant sustained the rate.

    Late is the generator where the p99 of its lag is, in the median over blocks, above both
    ``LAG_MS`` and 5 % of the median time. Unstable is a variant of which, over its blocks, less
    than 99 % as many answers came per second as requests, while requests of the later halves of the
    blocks took 1.5 times as long as those of the earlier ones: its queue grew, and its times say
    only for how long that went on. So is one that gave less than 99 % of them a good answer.
    """
    late, allowed_ms = _lag_p99_ms(case), _allowed_lag_ms(case)
    sustained = {name: _sustained(blocks) for name, blocks in _blocks(case).items()}
    unstable = [
        f"{name} is unstable at {rate:g}/s: {share:.1%} of its requests got a good answer"
        for name, share in _answered(case).items()
        if share < LEAST_RATE
    ] or [
        f"{name} is unstable at {rate:g}/s: {served:.1%} as many answers as requests per second, "
        f"{growth:.1f} times as long in the later half of its blocks"
        for name, (served, growth) in sustained.items()
        if served < LEAST_RATE and growth >= GROWTH
    ]
    seen = f"sent late by p99 {late:.2f} ms (at most {allowed_ms:.2f})"
    least = min(served for served, _ in sustained.values())
    return case.check(
        "pace",
        passed=not unstable and late <= allowed_ms,
        detail="; ".join([*unstable, seen])
        + ("" if unstable else f", answered {min(least, 1.0):.1%} of {rate:g}/s or more"),
        advice="ask for a lower rate: an unstable service has no latency to speak of"
        if unstable
        else "Locust could not keep its schedule: free the machine, or add --processes",
    )


def _answers(case: Measured, plan: Plan) -> Iterator[Check]:
    good = [sample for sample in case.samples if sample.status in case.answers]
    if good:
        answered = replace(case, samples=good, mix=True)
        yield outcomes(answered)
        yield _redis(answered)
        if case.mix and not case.changes and plan.header["environment"]["database"]:
            yield bodies(answered)
    if not plan.redis_measures_latency:
        yield stand_in(case.scenario, case.regime)


def _differences(case: Measured) -> Iterator[Check]:
    for check in equal_to_itself(case, half_width=NOISE, within=NOISE):
        yield check if check.passed else replace(check, advice=_NOISY)
    if len({sample.observation for sample in case.samples}) >= _LEAST_FOR_DRIFT:
        yield drift(case)


def _errors(case: Measured, failures: Sequence[Mapping[str, Any]]) -> Check:
    """Check that nothing failed, also of the requests that no block counts."""
    seen = Counter(
        (sample.status, sample.action, plain(sample.variant))
        for sample in case.samples
        if sample.status not in case.answers
    )
    said = [
        f"{count}x {status if status != NO_ANSWER else 'no answer'} to {action} from {variant}"
        for (status, action, variant), count in seen.items()
    ]
    said += [
        f"{each['failures']} failed of all {each['requests']} requests {each['name']}"
        for each in failures
    ]
    refused = any(status == _TOO_MANY for status, _, _ in seen)
    good = " or ".join(str(status) for status in sorted(case.answers))
    return case.check(
        "errors",
        passed=not said,
        detail="; ".join(said) or f"all {len(case.samples)} answers are {good}",
        advice="the rate limits refused users who are to be served: is TRUSTED_PROXIES set, so "
        "that each has an address of its own?"
        if refused
        else "look into the logs folder of the run",
    )


def _redis(case: Measured) -> Check:
    """Check that no cached answer had to do without Redis."""
    failed = Counter(
        (sample.variant, slot)
        for sample in case.samples
        if plain(sample.variant) in case.caching
        for slot in sample.slots.split()
        if slot.partition("=")[2] in REDIS_FAILED
    )
    said = ", ".join(f"{count}x {slot} from {name}" for (name, slot), count in failed.items())
    return case.check(
        "redis-errors",
        passed=not failed,
        detail=said or "Redis answered every cached request",
        advice="Redis failed, was restarted, or was slower than the deadline of the service: what "
        "was measured is no cache at work",
    )


def _clients(case: Measured, cores: Mapping[str, float | None]) -> Check:
    known = {name: used for name, used in cores.items() if used is not None}
    busy = [name for name, used in known.items() if used > CLIENT_CORES]
    shown = ", ".join(f"{name} used {used:.2f} of a core" for name, used in known.items())
    return case.check(
        "client",
        passed=not busy,
        detail=f"{shown or 'the processor time of Locust is not known here'}; at most "
        f"{CLIENT_CORES:g} each",
        advice="Locust itself is what was measured: fewer users, a lower rate, or more --processes "
        "where there are CPUs for them",
    )


def _machine(case: Measured, use: Use) -> Check:
    """Check the steal; that tasks wait for a CPU is what load is, and only said."""
    steal, pressure = use.steal_share, use.pressure_share
    shown = "steal not known here" if steal is None else f"steal {steal:.1%}"
    waited = "" if pressure is None else f"; some task waited for a CPU {pressure:.0%} of the time"
    return case.check(
        "machine",
        passed=steal is None or steal <= STEAL_SHARE,
        detail=f"{shown} (at most {STEAL_SHARE:.0%}){waited}",
        advice="other virtual machines take the CPUs: measure at another time or elsewhere",
    )


def _blocks(case: Measured) -> dict[str, list[list[Sample]]]:
    """Return the blocks of each variant, each in the order in which requests were due."""
    found: dict[str, dict[int, list[Sample]]] = defaultdict(lambda: defaultdict(list))
    for sample in sorted(case.samples, key=lambda sample: sample.intended_start_s):
        found[plain(sample.variant)][sample.block].append(sample)
    return {name: list(blocks.values()) for name, blocks in found.items()}


def _answered(case: Measured) -> dict[str, float]:
    return {
        name: statistics.fmean(
            sample.status in case.answers for block in blocks for sample in block
        )
        for name, blocks in _blocks(case).items()
    }


def _lag_p99_ms(case: Measured) -> float:
    p99s = [
        float(np.quantile([sample.start_s - sample.intended_start_s for sample in block], 0.99))
        for blocks in _blocks(case).values()
        for block in blocks
    ]
    return float(np.median(p99s)) * MS_PER_S


def _allowed_lag_ms(case: Measured) -> float:
    median_ms = float(np.median([sample.duration_s for sample in case.samples])) * MS_PER_S
    return max(LAG_MS, LAG_SHARE * median_ms)


def _sustained(blocks: Sequence[Sequence[Sample]]) -> tuple[float, float]:
    """Return the answers as a share of the requests per second, and how much later ones took."""
    usable = [block for block in blocks if len(block) >= _LEAST_ARRIVALS]
    due_s = answered_s = 0.0
    early: list[float] = []
    later: list[float] = []
    for block in usable:
        ends = sorted(sample.intended_start_s + sample.duration_s for sample in block)
        due_s += block[-1].intended_start_s - block[0].intended_start_s
        answered_s += ends[-1] - ends[0]
        half = len(block) // 2
        early += [sample.duration_s for sample in block[:half]]
        later += [sample.duration_s for sample in block[half:]]
    if not answered_s:
        return 1.0, 1.0
    return due_s / answered_s, float(np.median(later) / np.median(early))
