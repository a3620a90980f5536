"""Offer the same rates to several running variants, one after the other, and see who stands them.

Every step is an open loop of warm reads: the cache holds every user's list before it starts.
"""

import random
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure.client import NS_PER_S, ClientError
from benchmarks.measure.closed_loop import ClosedLoop
from benchmarks.measure.open_loop import NEVER, OpenResult, ScheduledLoop, poisson
from benchmarks.measure.sessions import RunningVariant
from benchmarks.measure.system import cores, family_seconds
from benchmarks.runner.services import VariantError
from benchmarks.storage.records import RateStep

CONNECTIONS = 64
REFERENCE_SHARES = (0.1, 0.25, 0.5, 0.75, 0.9, 1.1)
BEST_SHARES = (0.25, 0.5, 0.75, 0.9, 1.1)
LEAST_ARRIVALS = 10

_ESTIMATE_CONNECTIONS = 8
_NEXT_RATE = 1.1
_HTTP_OK = 200
_NS_PER_US = 1000
_Times = NDArray[np.float64]
_Moments = NDArray[np.int64]


def estimate_capacity(running: RunningVariant, *, seconds: float = 0.5) -> float:
    """Return about how many warm reads per second a variant answers when it is always busy.

    Raises ``VariantError`` for one that answers none in time, and ``ClientError``.
    """
    url = running.connection.url
    with ClosedLoop(url, running.reads, connections=_ESTIMATE_CONNECTIONS) as loop:
        loop.run(requests=len(running.reads))
        result = loop.run(seconds=seconds)
    if not result.latencies_us:
        raise VariantError(f"{running.variant} answered nothing within {seconds:g} s")
    return len(result.latencies_us) / result.seconds


def rates_for(reference: float, best: float, *, seconds: float) -> tuple[float, ...]:
    """Return the rates of a sweep from two estimated capacities: rising, in two digits.

    They go from well below the capacity of the reference to just above it, and on from there to
    just above that of the best variant. One that brings fewer than ``LEAST_ARRIVALS`` in a step is
    left out.
    """
    rates = [_rounded(share * reference) for share in REFERENCE_SHARES]
    for rate in (_rounded(share * best) for share in BEST_SHARES):
        if rate > _NEXT_RATE * rates[-1]:
            rates.append(rate)
    return tuple(rate for rate in rates if rate * seconds >= LEAST_ARRIVALS)


def sweep_rates(
    running: Sequence[RunningVariant],
    *,
    rates: Sequence[float],
    rounds: int,
    seconds: float,
    seed: int,
) -> Iterator[RateStep]:
    """Offer every rate to every variant in every round, and yield each step.

    In a round the rates come in a random order, and at each of them the variants side by side, with
    the same arrivals. The same seed gives the same order and the same arrivals. What is stable can
    be told from what is not when a rate brings some 1000 arrivals in a step. Raises
    ``ClientError``, also for a variant that answered nothing in a step.
    """
    by_name = {each.variant: each for each in running}
    turns = order(list(by_name), rates=rates, rounds=rounds, seed=seed)
    for place, (number, rate, variant) in enumerate(turns):
        each = by_name[variant]
        schedule = poisson(rate, seconds=seconds, seed=f"arrivals {seed} {rate:g} {number}")
        _fill(each)
        with ScheduledLoop(each.connection.url, each.reads, connections=CONNECTIONS) as loop:
            before_s = family_seconds(each.pid)
            result = loop.run(schedule)
            after_s = family_seconds(each.pid)
        yield summarise(
            result,
            variant,
            rate,
            round=number,
            place=place,
            connections=CONNECTIONS,
            service_cores=cores(before_s, after_s, result.elapsed_s),
        )


def order(
    variants: Sequence[str], *, rates: Sequence[float], rounds: int, seed: int
) -> list[tuple[int, float, str]]:
    """Return round, rate and variant of each step in the order of execution.

    Every other round has the variants the other way round, so that over two of them each has the
    same mean place at each rate.
    """
    rng = random.Random(f"rates {seed}")  # noqa: S311 - an order, not a secret
    return [
        (number, rate, variant)
        for number in range(rounds)
        for rate in rng.sample(list(rates), len(rates))
        for variant in variants[:: -1 if number % 2 else 1]
    ]


def summarise(result: OpenResult, variant: str, rate: float, **known: Any) -> RateStep:
    """Reduce what became of every arrival to a step; raises ``ClientError`` without any answer.

    ``known`` are the fields of the step that the loop does not know.
    """
    intended_ns, sent_ns, ended_ns = (
        np.asarray(each, dtype=np.int64)
        for each in (result.intended_ns, result.sent_ns, result.ended_ns)
    )
    done, end_ns = ended_ns != NEVER, int(result.seconds * NS_PER_S)
    answered, middle_ns = int(done.sum()), end_ns // 2
    if not answered:
        raise ClientError(f"{variant} answered none of {len(done)} requests at {rate:g}/s")
    later, response_us = intended_ns >= middle_ns, (ended_ns - intended_ns) / _NS_PER_US
    return RateStep(
        variant=variant,
        rate=rate,
        seconds=result.seconds,
        arrivals=len(done),
        answered=answered,
        errors=answered - result.statuses.get(_HTTP_OK, 0),
        hits=result.hits,
        arrivals_second_half=int(later.sum()),
        backlog_middle=_backlog(intended_ns, ended_ns, middle_ns),
        backlog_end=_backlog(intended_ns, ended_ns, end_ns),
        first_half_p50_us=_percentile(response_us[done & ~later], 50),
        second_half_p50_us=_percentile(response_us[done & later], 50),
        lag_p99_us=_percentile(np.asarray(result.lags_ns) / _NS_PER_US, 99),
        client_cores=result.client_cores,
        **known,
        **_times(response_us[done], (ended_ns - sent_ns)[done] / _NS_PER_US),
    )


def _fill(running: RunningVariant) -> None:
    with ClosedLoop(running.connection.url, running.reads, connections=1) as loop:
        loop.run(requests=len(running.reads))


def _rounded(rate: float) -> float:
    """Keep two digits: it is an estimate, and a round number is easier to talk about."""
    return float(f"{rate:.2g}")


def _times(response_us: _Times, service_us: _Times) -> dict[str, Any]:
    p50, p90, p99 = np.percentile(response_us, [50, 90, 99]).tolist()
    service_p50, service_p99 = np.percentile(service_us, [50, 99]).tolist()
    return {
        "mean_us": float(response_us.mean()),
        "p50_us": p50,
        "p90_us": p90,
        "p99_us": p99,
        "max_us": float(response_us.max()),
        "service_mean_us": float(service_us.mean()),
        "service_sd_us": float(service_us.std()),
        "service_p50_us": service_p50,
        "service_p99_us": service_p99,
    }


def _backlog(intended_ns: _Moments, ended_ns: _Moments, at_ns: int) -> int:
    """Count the arrivals that were due by then and not answered."""
    answered = (ended_ns != NEVER) & (ended_ns <= at_ns)
    return int(((intended_ns <= at_ns) & ~answered).sum())


def _percentile(values: _Times, percentage: float) -> float | None:
    return float(np.percentile(values, percentage)) if len(values) else None
