import asyncio
import re
from contextvars import Context

import pytest

from benchmarks.measure.headers import outcome_of
from service import trace
from service.domain import CachedValue
from tests.fakes import ManualClock


def durations_ms(text: str) -> dict[str, float]:
    return {name: float(ms) for name, ms in re.findall(r"(\w+);dur=(\d+\.\d{3})", text)}


async def test_outcomes_are_rendered_with_the_payload_first() -> None:
    request = trace.begin()
    trace.outcome(CachedValue.USER, trace.HIT)
    trace.outcome(CachedValue.TODOS, trace.UNAVAILABLE)

    assert request.cache_status() == "todos; fwd=bypass; detail=unavailable, user; hit"


async def test_the_last_outcome_of_a_slot_counts() -> None:
    request = trace.begin()
    trace.outcome(CachedValue.USER, trace.OFF)
    trace.outcome(CachedValue.USER, trace.MISS)

    assert request.cache_status() == "user; fwd=miss"


async def test_waits_are_added_up() -> None:
    request = trace.begin()
    with trace.database_span():
        pass
    first_s = request.db_s
    with trace.database_span():
        pass

    assert 0 < first_s < request.db_s


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


async def test_a_span_that_fails_is_counted() -> None:
    request = trace.begin()
    with pytest.raises(OSError, match="lost"), trace.database_span():
        raise OSError("lost")

    assert request.db_s > 0
    assert request.cache_s == 0


async def test_timings_are_rendered_in_milliseconds() -> None:
    request = trace.begin()
    request.started -= 1.0
    request.cache_s, request.db_s = 0.25, 0.5
    timing = durations_ms(request.server_timing())

    assert timing["cache"] == 250.0
    assert timing["db"] == 500.0
    assert timing["app"] >= 250.0


async def test_waits_at_the_same_time_never_make_the_rest_negative() -> None:
    request = trace.begin()
    request.cache_s = request.db_s = 3600.0

    assert durations_ms(request.server_timing())["app"] == 0.0


async def test_requests_at_the_same_time_do_not_share_a_trace() -> None:
    async def request(what: str) -> trace.Trace:
        opened = trace.begin()
        await asyncio.sleep(0)
        trace.outcome(CachedValue.USER, what)
        return opened

    one, other = await asyncio.gather(request(trace.HIT), request(trace.MISS))

    assert one.outcomes == {CachedValue.USER: trace.HIT}
    assert other.outcomes == {CachedValue.USER: trace.MISS}


def test_outside_a_request_figures_are_taken_and_forgotten() -> None:
    def outside() -> dict[CachedValue, str]:
        trace.outcome(CachedValue.USER, trace.HIT)
        with trace.database_span():
            pass
        return trace.current().outcomes

    assert Context().run(outside) == {}


@pytest.mark.parametrize(
    ("outcomes", "word"),
    [
        ((), "none"),
        ((trace.HIT, trace.HIT), "hit"),
        ((trace.HIT, trace.miss("cold")), "partial"),
        ((trace.HIT, trace.OFF), "partial"),
        ((trace.OFF, trace.bypass("fenced")), "bypass"),
        ((trace.miss("cold"), trace.COLLAPSED), "miss"),
        ((trace.miss("cold"), trace.UNAVAILABLE), "miss"),
    ],
)
def test_an_answer_has_one_word_for_all_of_its_slots(outcomes: tuple[str, ...], word: str) -> None:
    assert trace.summary(outcomes) == word


def test_the_word_is_that_of_who_reads_the_header() -> None:
    for outcomes in (
        (trace.HIT, trace.HIT),
        (trace.HIT, trace.miss("cold")),
        (trace.OFF, trace.OFF),
        (trace.miss("cold"), trace.OFF),
        (trace.COLLAPSED,),
    ):
        header = ", ".join(f"slot; {outcome}" for outcome in outcomes)

        assert trace.summary(outcomes) == outcome_of(header)


async def test_calls_to_the_database_are_counted_one_by_one() -> None:
    request = trace.begin()
    with trace.database_span(), trace.database_span():
        pass

    assert (request.db_calls, request.db_waits) == (2, 0)
