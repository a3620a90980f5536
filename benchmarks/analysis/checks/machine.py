"""Were the client and the machine fit to measure with: /proc before and after each case."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from benchmarks.analysis.checks.check import Check
from benchmarks.analysis.checks.measured import Measured
from benchmarks.analysis.stats.blocks import MS_PER_S
from benchmarks.storage.records import Sample

CLIENT_CORES = 0.8
STEAL_SHARE = 0.05
PRESSURE_SHARE = 0.5
LAG_MS = 1.0
LAG_SHARE = 0.05
LEAST_RATE = 0.99
"""Of the rate that was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What was used while a case was measured, the mean over its restarts by their seconds.

    Shares are of all CPUs' time, but for ``pressure_share``: of the time, some task waited for a
    CPU. None is what this machine does not tell.
    """

    client_cores: float | None
    steal_share: float | None
    pressure_share: float | None
    nonvoluntary_per_s: float | None

    @classmethod
    def of(cls, records: Sequence[Mapping[str, Any]]) -> Self:
        """Return the use of the records of a case, as the header holds them."""
        return cls(
            **{
                name: _mean((record["seconds"], record[name]) for record in records)
                for name in cls.__slots__
            }
        )


def client(case: Measured, use: Use) -> Check:
    """Check that the client itself left time for the service to be waited for.

    It is one thread that sends, and does nothing until the answer is there. So its processor time
    is the share of the case in which it was not waiting: what it does inside of a request, which
    every time includes, and between blocks. From 0.8 of a core on the times are mostly its own.
    """
    cores = use.client_cores
    return case.check(
        "client",
        passed=cores is None or cores < CLIENT_CORES,
        detail="the client's processor time is not known here"
        if cores is None
        else f"the client used {cores:.2f} of a core; below {CLIENT_CORES:g} it mostly waits",
        advice="the client is what was measured: free the machine, or measure fewer requests per "
        "second",
    )


def machine(case: Measured, use: Use) -> Check:
    """Check that this machine had its CPUs, and that tasks seldom waited for one.

    Steal of 5 % of all CPUs' time is 5 to 10 % of what the two processes that take turns here
    use: as much as the verdicts' margin. Client, service and servers take turns, so on a quiet
    machine hardly anything waits: below 10 % of the time was measured with half of two CPUs in
    use. Beside two other busy processes it was 65 %, and A/A could not tell 17 %.
    """
    limits = (
        ("steal", use.steal_share, STEAL_SHARE),
        ("pressure", use.pressure_share, PRESSURE_SHARE),
    )
    beyond = [name for name, share, limit in limits if share is not None and share > limit]
    shown = [
        f"{name} not known here" if share is None else f"{name} {share:.1%} (at most {limit:.0%})"
        for name, share, limit in limits
    ]
    if use.nonvoluntary_per_s is not None:
        shown.append(f"{use.nonvoluntary_per_s:.0f} times a second a CPU was taken from the client")
    advice = {
        "steal": "other virtual machines take the CPUs: measure at another time or elsewhere",
        "pressure": "end what else runs on this machine: tasks wait for a CPU all the time",
    }
    return case.check(
        "machine",
        passed=not beyond,
        detail=", ".join(shown),
        advice="; ".join(advice[name] for name in beyond),
    )


def pace(case: Measured) -> Check:
    """Check that operations started when they were due, where the scenario has a rate.

    Late by the client is what an operation started after both its schedule and the answer before
    it: that the service was not ready any sooner is the service's time, not the client's. p99 of
    that must be at most 1 ms, or 5 % of the median time; and the rate must be 99 % of what was
    asked for, or the service could not keep up and the case has another rate than it says.
    """
    blocks: dict[tuple[int, int], list[Sample]] = {}
    for sample in sorted(case.samples, key=lambda sample: sample.start_s):
        blocks.setdefault((sample.restart, sample.block), []).append(sample)
    lags_ms = [lag for block in blocks.values() for lag in _lags_ms(block)]
    p99_ms = float(np.quantile(lags_ms, 0.99))
    median_ms = float(np.median([sample.duration_s for sample in case.samples])) * MS_PER_S
    allowed_ms = max(LAG_MS, LAG_SHARE * median_ms)
    achieved, target = _rate(blocks.values()), case.rate or 0.0
    late = p99_ms > allowed_ms
    return case.check(
        "pace",
        passed=not late and achieved >= LEAST_RATE * target,
        detail=f"started late by p99 {p99_ms:.2f} ms (at most {allowed_ms:.2f}), "
        f"{achieved:.1f} operations per second of {target:g} (at least {LEAST_RATE:.0%})",
        advice="the client could not keep its schedule: free the machine"
        if late
        else "the service could not keep up with the rate: ask for a lower one",
    )


def _lags_ms(block: Sequence[Sample]) -> list[float]:
    free_s = [-float("inf"), *(sample.start_s + sample.duration_s for sample in block)]
    return [
        (sample.start_s - max(sample.intended_start_s, free)) * MS_PER_S
        for sample, free in zip(block, free_s, strict=False)
    ]


def _rate(blocks: Iterable[Sequence[Sample]]) -> float:
    """Return the operations per second from the first start of each block to its last."""
    spans = [(len(block) - 1, block[-1].start_s - block[0].start_s) for block in blocks]
    seconds = sum(span for _, span in spans)
    return sum(operations for operations, _ in spans) / seconds if seconds else 0.0


def _mean(values: Iterable[tuple[float, float | None]]) -> float | None:
    known = [(weight, value) for weight, value in values if value is not None]
    total = sum(weight for weight, _ in known)
    return sum(weight * value for weight, value in known) / total if total else None
