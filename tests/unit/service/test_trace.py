import asyncio
import re

import pytest

from benchmarks.measure.client import outcome_of
from service import trace
from service.domain import CachedValue
from service.trace import (
    COLLAPSED,
    HIT,
    MISS,
    OFF,
    UNAVAILABLE,
    bypass,
    cache_status,
    miss,
    summary,
)
from tests.fakes import ManualClock


def durations_ms(timing: bytes) -> dict[str, float]:
    found = re.findall(r"(\w+);dur=(\d+\.\d{3})", timing.decode())
    return {name: float(ms) for name, ms in found}


async def test_waits_are_added_up_and_calls_counted_one_by_one() -> None:
    request = trace.begin()
    with trace.database_span(), trace.database_span():
        pass
    first_s = request.db_s
    with pytest.raises(OSError, match="lost"), trace.database_span():
        raise OSError("lost")

    assert 0 < first_s < request.db_s
    assert (request.db_calls, request.db_waits, request.cache_s) == (3, 0, 0)


async def test_waits_that_overlap_count_once(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = ManualClock()
    monkeypatch.setattr(trace, "perf_counter", clock)
    request = trace.begin()
    together = asyncio.Barrier(3)

    async def wait() -> None:
        with trace.database_span():
            clock.advance(1.0)
            await together.wait()
            clock.advance(1.0)

    await asyncio.gather(wait(), wait(), wait())

    assert request.db_s == 6.0


async def test_timings_are_rendered_in_milliseconds_and_the_rest_is_never_negative() -> None:
    request = trace.begin()
    request.started -= 1.0
    request.cache_s, request.db_s = 0.25, 0.5
    timing = durations_ms(request.server_timing())
    request.db_s = 3600.0

    assert (timing["cache"], timing["db"]) == (250.0, 500.0)
    assert timing["app"] >= 250.0
    assert durations_ms(request.server_timing())["app"] == 0.0


@pytest.mark.parametrize(
    ("outcomes", "word"),
    [
        ((), "none"),
        ((HIT, HIT), "hit"),
        ((HIT, miss("cold")), "partial"),
        ((HIT, OFF), "partial"),
        ((OFF, bypass("fenced")), "bypass"),
        ((miss("cold"), COLLAPSED), "miss"),
        ((miss("cold"), UNAVAILABLE), "miss"),
    ],
)
def test_an_answer_has_one_word_for_all_its_values_which_readers_of_the_header_find_too(
    outcomes: tuple[str, ...], word: str
) -> None:
    header = ", ".join(f"slot; {outcome}" for outcome in outcomes)

    assert summary(outcomes) == word
    assert not outcomes or outcome_of(header) == word


def test_the_header_has_the_payload_first_in_whatever_order_the_values_were_read() -> None:
    outcomes = [(CachedValue.USER, HIT), (CachedValue.TODOS, MISS)]

    assert cache_status(outcomes) == cache_status(outcomes[::-1]) == "todos; fwd=miss, user; hit"
