"""Offer the same rates to several running variants, one after the other, and see who stands them.

Every step is an open loop of warm reads: the cache holds every user's list before it starts.
"""

import random
from collections.abc import Iterator, Sequence

from benchmarks.measure.closed_loop import ClosedLoop
from benchmarks.measure.open_loop import ScheduledLoop, poisson
from benchmarks.measure.rate_step import RateTurn, summarise
from benchmarks.measure.sessions import RunningVariant
from benchmarks.measure.system import cores, family_seconds
from benchmarks.runner.services import VariantError
from benchmarks.storage.records import RateStep
from benchmarks.storage.usage import UsageError

CONNECTIONS = 64
REFERENCE_SHARES = (0.1, 0.25, 0.5, 0.75, 0.9, 1.1)
BEST_SHARES = (0.25, 0.5, 0.75, 0.9, 1.1)
LEAST_ARRIVALS = 10

_ESTIMATE_CONNECTIONS = 8
_NEXT_RATE = 1.1


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


def rates_for(reference: float, best: float) -> tuple[float, ...]:
    """Return the rates of a sweep from two estimated capacities: rising, in two digits.

    They go from well below the capacity of the reference to just above it, and on from there to
    just above that of the best variant.
    """
    rates = [_rounded(share * reference) for share in REFERENCE_SHARES]
    for rate in (_rounded(share * best) for share in BEST_SHARES):
        if rate > _NEXT_RATE * rates[-1]:
            rates.append(rate)
    return tuple(rates)


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
    ``UsageError`` for one that brings fewer than ``LEAST_ARRIVALS``, and ``ClientError``, also for
    a variant that answered nothing in a step.
    """
    if min(rates) * seconds < LEAST_ARRIVALS:
        raise UsageError(f"{min(rates):g}/s for {seconds:g} s are too few; make the steps longer")
    by_name = {each.variant: each for each in running}
    for turn in order(list(by_name), rates=rates, rounds=rounds, seed=seed):
        each, rate = by_name[turn.variant], turn.rate
        schedule = poisson(rate, seconds=seconds, seed=f"arrivals {seed} {rate:g} {turn.round}")
        _fill(each)
        with ScheduledLoop(each.connection.url, each.reads, connections=CONNECTIONS) as loop:
            before_s = family_seconds(each.pid)
            result = loop.run(schedule)
            after_s = family_seconds(each.pid)
        used = cores(before_s, after_s, result.elapsed_s)
        yield summarise(result, turn, connections=CONNECTIONS, service_cores=used)


def order(
    variants: Sequence[str], *, rates: Sequence[float], rounds: int, seed: int
) -> list[RateTurn]:
    """Return the steps in the order of execution.

    Every other round has the variants the other way round, so that over two of them each has the
    same mean place at each rate.
    """
    rng = random.Random(f"rates {seed}")  # noqa: S311 - an order, not a secret
    turns = [
        (number, rate, variant)
        for number in range(rounds)
        for rate in rng.sample(list(rates), len(rates))
        for variant in variants[:: -1 if number % 2 else 1]
    ]
    return [RateTurn(place, *turn) for place, turn in enumerate(turns)]


def _fill(running: RunningVariant) -> None:
    with ClosedLoop(running.connection.url, running.reads, connections=1) as loop:
        loop.run(requests=len(running.reads))


def _rounded(rate: float) -> float:
    """Keep two digits: it is an estimate, and a round number is easier to talk about."""
    return float(f"{rate:.2g}")
