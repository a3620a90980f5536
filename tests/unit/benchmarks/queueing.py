"""A queue whose truth is known: what an open loop would see of one server."""

import random

from benchmarks.comparison.load_sweep import summarise
from benchmarks.measure.client import NS_PER_S
from benchmarks.measure.open_loop import NEVER, OpenResult, poisson
from benchmarks.storage.records import RateStep

DRAIN_S = 1.0


def queue_step(
    *,
    rate: float,
    service_s: float,
    seconds: float = 2.0,
    variant: str = "cached",
    number: int = 0,
    sigma: float = 0.5,
    seed: int = 0,
) -> RateStep:
    """Offer Poisson arrivals to one server with log-normal service times of a given mean."""
    schedule = poisson(rate, seconds=seconds, seed=f"{seed} {number}")
    rng = random.Random(f"{seed} {number} {variant}")
    free_ns, last_ns = 0, int((seconds + DRAIN_S) * NS_PER_S)
    sent, ended = [], []
    for intended_ns in schedule.offsets_ns:
        start_ns = max(intended_ns, free_ns)
        took_s = service_s * rng.lognormvariate(-(sigma**2) / 2, sigma)
        free_ns = start_ns + int(took_s * NS_PER_S)
        sent.append(start_ns if start_ns <= last_ns else NEVER)
        ended.append(free_ns if free_ns <= last_ns else NEVER)
    answered = sum(each != NEVER for each in ended)
    result = OpenResult(
        seconds=seconds,
        intended_ns=schedule.offsets_ns,
        sent_ns=sent,
        ended_ns=ended,
        lags_ns=[1000] * answered,
        hits=answered,
        statuses={200: answered},
        elapsed_s=seconds,
        client_cores=0.2,
    )
    return summarise(
        result, variant, rate, place=number, round=number, connections=1, service_cores=0.5
    )
