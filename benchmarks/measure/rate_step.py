"""From what became of every arrival to a step of the load sweep."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure.client import NS_PER_S, ClientError
from benchmarks.measure.open_loop import NEVER, OpenResult
from benchmarks.storage.records import RateStep

_HTTP_OK = 200
_NS_PER_US = 1000
_Times = NDArray[np.float64]
_Moments = NDArray[np.int64]


class RateTurn(NamedTuple):
    """One step to come; ``place`` counts up over all of them."""

    place: int
    round: int
    rate: float
    variant: str


def summarise(
    result: OpenResult, turn: RateTurn, *, connections: int, service_cores: float | None
) -> RateStep:
    """Reduce what became of every arrival to a step; raises ``ClientError`` without any answer."""
    intended_ns, sent_ns, ended_ns = (
        np.asarray(each, dtype=np.int64)
        for each in (result.intended_ns, result.sent_ns, result.ended_ns)
    )
    done, end_ns = ended_ns != NEVER, int(result.seconds * NS_PER_S)
    answered, middle_ns = int(done.sum()), end_ns // 2
    if not answered:
        raise ClientError(
            f"{turn.variant} answered none of {len(done)} requests at {turn.rate:g}/s"
        )
    later, response_us = intended_ns >= middle_ns, (ended_ns - intended_ns) / _NS_PER_US
    return RateStep(
        round=turn.round,
        place=turn.place,
        variant=turn.variant,
        rate=turn.rate,
        seconds=result.seconds,
        connections=connections,
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
        service_cores=service_cores,
        **_times(response_us[done], (ended_ns - sent_ns)[done] / _NS_PER_US),
    )


def _times(response_us: _Times, service_us: _Times) -> dict[str, float]:
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
