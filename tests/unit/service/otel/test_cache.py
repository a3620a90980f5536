import pytest
from opentelemetry.trace import StatusCode

from service.coherence.cache import CacheUnavailable
from service.coherence.fence import Fence, State
from service.domain import Slot, UserId
from service.otel.cache import TracedCache
from tests.fakes import ManualClock
from tests.fakes_coherence import RUN, FakeLeasedCache
from tests.unit.service.otel.recorder import Recorder

ADA = UserId("a" * 24)
FENCE = Fence("deployment", 1, State.ON, 1, RUN)
BOTH = (Slot.USER, Slot.TODOS)


async def test_every_command_has_a_span_and_the_answer_of_what_it_wraps() -> None:
    recorder, inner = Recorder(), FakeLeasedCache(ManualClock())
    cache = TracedCache(inner, recorder.tracer)
    await cache.mark(FENCE, ADA, BOTH, "w")
    await cache.clear(FENCE, ADA, BOTH, "w")
    granted = await cache.acquire(FENCE, ADA, BOTH, "t")
    await cache.fill(FENCE, ADA, "t", {Slot.USER: (b"entry", 5.0)})
    found = await cache.get(FENCE, ADA, BOTH)

    assert set(granted) == set(BOTH)
    assert found == await inner.get(FENCE, ADA, BOTH) == [b"entry", None]
    assert [span.name for span in recorder.spans] == [
        "cache mark",
        "cache clear",
        "cache acquire",
        "cache fill",
        "cache get",
    ]
    *scripts, get = [dict(span.attributes or {}) for span in recorder.spans]
    assert get["fivefold.found"] == 1
    assert [each["db.stored_procedure.name"] for each in scripts] == [
        "mark",
        "clear",
        "acquire",
        "fill",
    ]
    assert not any(ADA in span.to_json() for span in recorder.spans)


@pytest.mark.parametrize("cause", [TimeoutError("late"), None])
async def test_a_failure_passes_through_and_is_told_by_its_kind(cause: Exception | None) -> None:
    class Broken(FakeLeasedCache):
        async def get(self, *_: object) -> list[bytes | None]:
            raise CacheUnavailable from cause

    recorder = Recorder()
    with pytest.raises(CacheUnavailable):
        await TracedCache(Broken(ManualClock()), recorder.tracer).get(FENCE, ADA, BOTH)
    [span] = recorder.spans

    assert span.status.status_code is StatusCode.ERROR
    expected = "TimeoutError" if cause else "CacheUnavailable"
    assert dict(span.attributes or {})["error.type"] == expected
    assert span.events == ()
