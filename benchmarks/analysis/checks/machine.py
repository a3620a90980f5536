"""Were the client and the machine fit to measure with: /proc before and after each case.

A client that was the limit, or behind its schedule, is *wrong*: it measured itself. A machine that
lacked its CPUs is *noisy*: what that did to the figures is in their blocks and in A/A.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import numpy as np

from benchmarks.analysis.checks.check import Check, wrong_if
from benchmarks.analysis.quantities.groups import Group
from benchmarks.analysis.quantities.pace import (
    CLIENT_CORES,
    GEVENT_MS,
    LEAST_SERVED,
    lag_of_blocks,
    queue_grows,
)
from benchmarks.storage.records import CaseUse, Sample, plain

STEAL_SHARE = 0.05
PRESSURE_SHARE = 0.5
_LEAST_ARRIVALS = 2


def mean_use(
    used: Sequence[CaseUse], figure: Literal["client_cores", "steal_share", "pressure_share"]
) -> float | None:
    """Return a figure of a case, the mean over its restarts by their seconds; None if not known."""
    values = [(each.seconds, getattr(each, figure)) for each in used]
    known = [(seconds, value) for seconds, value in values if value is not None]
    total_s = sum(seconds for seconds, _ in known)
    return sum(seconds * value for seconds, value in known) / total_s if total_s else None


def client(case: Group, cores: Mapping[str, float | None], *, advice: str) -> Check:
    """Check that the processes that send, by name, left time for the service to be waited for.

    Each is one thread that does nothing until an answer is there. So its processor time is the
    share of the case in which it was not waiting: what it does inside of a request, which every
    time includes, and between blocks. From 0.8 of a core on the times are mostly its own.
    """
    known = {name: used for name, used in cores.items() if used is not None}
    seen = ", ".join(f"{name} used {used:.2f} of a core" for name, used in known.items())
    busy = any(used >= CLIENT_CORES for used in known.values())
    limit = f"{CLIENT_CORES:g}"
    means = (
        f"from {limit} on times are mostly its own" if busy else f"below {limit} it mostly waits"
    )
    return Check.of(
        case,
        "client",
        wrong_if(busy),
        detail=f"{seen}; {means}" if seen else "the client's processor time is not known here",
        advice=advice,
        touches="times",
    )


def machine(case: Group, used: Sequence[CaseUse], *, pressure: float = PRESSURE_SHARE) -> Check:
    """Check that this machine had its CPUs, and that tasks seldom waited for one.

    Steal of 5 % of all CPUs' time is 5 to 10 % of what the two processes that take turns here
    use: as much as the verdicts' margin. Client, service and servers take turns, so on a quiet
    machine hardly anything waits: below 10 % of the time was measured with half of two CPUs in
    use. Under many users waiting is what load is, and any ``pressure`` is allowed.
    """
    limits = (
        ("steal", mean_use(used, "steal_share"), STEAL_SHARE),
        ("pressure", mean_use(used, "pressure_share"), pressure),
    )
    beyond = [name for name, share, limit in limits if share is not None and share > limit]
    shown = [
        f"{name} not known here" if share is None else f"{name} {share:.1%} (at most {limit:.0%})"
        for name, share, limit in limits
    ]
    advice = {
        "steal": "other virtual machines take the CPUs: measure at another time or elsewhere",
        "pressure": "end what else runs on this machine: tasks wait for a CPU all the time",
    }
    return Check.of(
        case,
        "machine",
        "noisy" if beyond else "passed",
        detail=", ".join(shown),
        advice="; ".join(advice[name] for name in beyond),
        touches="times",
    )


def pace(case: Group) -> Check:
    """Check that operations started when they were due, where the scenario has a rate.

    Late by the client is what an operation started after both its schedule and the answer before
    it: that the service was not ready any sooner is the service's time, not the client's. And the
    rate must be 99 % of what was asked for, or the service could not keep up and the case has
    another rate than it says.
    """
    blocks: dict[tuple[int, int], list[Sample]] = {}
    for sample in sorted(case.samples, key=lambda sample: sample.start_s):
        blocks.setdefault((sample.restart, sample.block), []).append(sample)
    lag = lag_of_blocks([_lags_s(block) for block in blocks.values()], case.samples)
    achieved, target = _rate(blocks.values()), case.scenario.rate or 0.0
    return Check.of(
        case,
        "pace",
        wrong_if(lag.late or achieved < LEAST_SERVED * target),
        detail=f"started late by p99 {lag.p99_ms:.2f} ms (at most {lag.allowed_ms:.2f}), "
        f"{achieved:.1f} operations per second of {target:g} (at least {LEAST_SERVED:.0%})",
        advice="the client could not keep its schedule: free the machine"
        if lag.late
        else "the service could not keep up with the rate: ask for a lower one",
        touches="times",
    )


def load_pace(case: Group, *, rate: float) -> Check:
    """Check that Locust sent requests when they were due, and that every variant kept the rate.

    Unstable is a variant whose queue grew over its blocks: its times say only for how long that
    went on. What got no good answer is what the check of errors is about.
    """
    blocks = _by_variant(case)
    lag = lag_of_blocks(
        [_late_s(block) for each in blocks.values() for block in each],
        case.samples,
        timer_ms=GEVENT_MS,
    )
    kept = {name: _sustained(each) for name, each in blocks.items()}
    unstable = {
        name: f"{served:.1%} as many answers as requests per second, {growth:.1f} times as long "
        "in the later half of its blocks"
        for name, (served, growth) in kept.items()
        if queue_grows(served=served, growth=growth)
    }
    said = [f"{name} is unstable at {rate:g}/s: {why}" for name, why in unstable.items()]
    least = min(1.0, *(served for served, _ in kept.values()))
    return Check.of(
        case,
        "pace",
        wrong_if(unstable or lag.late),
        detail="; ".join(
            [*said, f"sent late by p99 {lag.p99_ms:.2f} ms (at most {lag.allowed_ms:.2f})"]
        )
        + ("" if said else f", answered {least:.1%} of {rate:g}/s or more"),
        advice="ask for a lower rate: an unstable service has no latency to speak of"
        if unstable
        else "Locust could not keep its schedule: free the machine, or add --processes",
        touches="times",
    )


def _late_s(block: Sequence[Sample]) -> list[float]:
    return [sample.start_s - sample.intended_start_s for sample in block]


def _lags_s(block: Sequence[Sample]) -> list[float]:
    free_s = [-float("inf"), *(sample.start_s + sample.duration_s for sample in block)]
    return [
        sample.start_s - max(sample.intended_start_s, free)
        for sample, free in zip(block, free_s, strict=False)
    ]


def _rate(blocks: Iterable[Sequence[Sample]]) -> float:
    """Return the operations per second from the first start of each block to its last."""
    spans = [(len(block) - 1, block[-1].start_s - block[0].start_s) for block in blocks]
    seconds = sum(span for _, span in spans)
    return sum(operations for operations, _ in spans) / seconds if seconds else 0.0


def _by_variant(case: Group) -> dict[str, list[list[Sample]]]:
    """Return the blocks of each variant, each in the order in which requests were due."""
    found: dict[str, dict[int, list[Sample]]] = {}
    for sample in sorted(case.samples, key=lambda sample: sample.intended_start_s):
        found.setdefault(plain(sample.variant), {}).setdefault(sample.block, []).append(sample)
    return {name: list(blocks.values()) for name, blocks in found.items()}


def _sustained(blocks: Sequence[Sequence[Sample]]) -> tuple[float, float]:
    """Return the answers as a share of the requests per second, and how much later ones took."""
    due_s = answered_s = 0.0
    early: list[float] = []
    later: list[float] = []
    for block in blocks:
        if len(block) < _LEAST_ARRIVALS:
            continue
        ends = sorted(sample.intended_start_s + sample.duration_s for sample in block)
        due_s += block[-1].intended_start_s - block[0].intended_start_s
        answered_s += ends[-1] - ends[0]
        half = len(block) // 2
        early += [sample.duration_s for sample in block[:half]]
        later += [sample.duration_s for sample in block[half:]]
    if not answered_s:
        return 1.0, 1.0
    return due_s / answered_s, float(np.median(later) / np.median(early))
