import json
from collections.abc import Sequence

import pytest

from benchmarks.coherence.history import OperationKind, Outcome
from benchmarks.coherence.race import recorder as module
from benchmarks.coherence.race.commands import Description
from benchmarks.coherence.race.recorder import StepRecorder
from benchmarks.coherence.race.recording import Delivery, Participant, RaceStep, Recording
from benchmarks.measure.client import Response
from tests.unit.benchmarks.coherence.histories import TODO

NOW_NS, NOW_S = NOW = 5_000_000_000, 1_700_000_000.0
"""One instant of both clocks: no order depends on how long a test takes."""


def answer(after_ms: float, body: object = None, *, status: int = 200, **headers: str) -> Response:
    """Return an answer to a request that was sent so many ms from now and took ten."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    started_ns = NOW_NS + round(after_ms * 1e6)
    return Response(status, named, json.dumps(body).encode(), started_ns, 10_000_000)


def described(after_ms: float, said: str) -> Description:
    return Description(NOW_S + after_ms / 1000, said)


def finished(recorder: StepRecorder) -> Recording:
    return recorder.recording(variant="naive", kind="rival")


def said(recording: Recording) -> list[str]:
    return [event.said for event in recording.events]


def written(
    after_ms: float, said: str, words: Sequence[Description], response: Response
) -> Recording:
    """Record one write whose commit was so many ms from now by the service's clock."""
    recorder = StepRecorder(NOW)
    committed_s = NOW_S + after_ms / 1000
    recorder.write(
        RaceStep.WRITE, 1, response, words, said=said, todo=TODO, committed_s=committed_s
    )
    return finished(recorder)


def listed(revision: int = 1) -> list[dict[str, object]]:
    return [{"id": TODO, "heading": "before", "rev": revision}]


def test_a_read_is_told_with_its_lookups_its_find_and_its_answer_and_a_hit_asks_no_database() -> (
    None
):
    recorder = StepRecorder(NOW)
    lookups = [described(2, "MGET user, todos")]
    missed = answer(
        1,
        listed(),
        cache_status="todos; fwd=miss, user; hit",
        server_timing="cache;dur=1, db;dur=4",
    )
    recorder.read(RaceStep.READ, 0, missed, lookups)
    recorder.read(RaceStep.READ, 1, answer(50, listed(), cache_status="todos; hit"), [])
    recording = finished(recorder)

    assert said(recording) == [
        "GET /todo/",
        "MGET user, todos",
        "find todos",
        "before",
        "200: before (todos=miss user=hit)",
        "GET /todo/",
        "200: before (todos=hit)",
    ]
    assert [event.operation for event in recording.events if event.operation is not None] == [0, 1]
    miss, hit = recording.operations
    assert (miss.kind, miss.revisions) == (OperationKind.LIST, {TODO: 1})
    assert (miss.hit, hit.hit, hit.worker) == (False, True, 1)


def test_a_commit_stands_between_what_came_surely_before_and_after_it() -> None:
    words = [described(2, "mark"), described(8, "clear")]
    # The service writes whole milliseconds, so its clock may lie before its own mark.
    update = written(1.5, "PUT: heading = after", words, answer(1, etag='"2"'))
    # Without a cache it is within its request.
    creation = written(60_000, "POST: heading = before", [], answer(1, status=201))

    commit = "commit: heading = after"
    assert said(update) == ["PUT: heading = after", "mark", commit, "clear", "200: acknowledged"]
    assert update.events[2].at_ms == update.events[1].at_ms
    [operation] = update.operations
    assert (operation.kind, operation.number, operation.todo) == (OperationKind.UPDATE, 2, TODO)
    assert operation.outcome is Outcome.OK
    commit = "commit: heading = before"
    assert said(creation) == ["POST: heading = before", commit, "201: acknowledged"]
    [operation] = creation.operations
    assert (operation.kind, operation.number) == (OperationKind.CREATE, 1)


def test_what_is_refused_had_no_effect_and_what_broke_may_have() -> None:
    recorder = StepRecorder(NOW)
    recorder.read(RaceStep.READ, 0, answer(1, status=401), [])
    recorder.read(RaceStep.READ, 0, answer(2, status=503), [])

    outcomes = [operation.outcome for operation in finished(recorder).operations]
    assert outcomes == [Outcome.FAILED, Outcome.UNKNOWN]


def test_what_is_held_is_told_without_what_came_of_it() -> None:
    recorder = StepRecorder(NOW)
    held_at_s = recorder.now_s()
    late = Description(held_at_s + 0.009, "fill todos = before: no token, refused")
    recorder.held(RaceStep.READ, Participant.A, held_at_s, late)
    recorder.commands(RaceStep.DELIVER, Participant.A, [late], delivery=Delivery.ARRIVED)
    held, arrived = finished(recorder).events

    assert (held.delivery, held.said) == (Delivery.HELD, "fill todos = before")
    assert (arrived.delivery, arrived.said) == (Delivery.ARRIVED, late.said)


def test_what_ends_after_the_next_step_began_belongs_to_that_step() -> None:
    recorder = StepRecorder(NOW)
    recorder.read(RaceStep.READ, 0, answer(1, listed()), [])
    recorder.commands(RaceStep.WRITE, Participant.B, [described(3, "DEL todos")])

    assert [event.step for event in finished(recorder).events] == [
        RaceStep.READ,
        RaceStep.WRITE,
        RaceStep.WRITE,
    ]


def test_a_process_that_waits_between_two_clocks_takes_the_reading_that_was_not_held_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held_up_ns = [9_000_000, 9_000_000, 100, *[5_000_000] * 20]
    wall = iter(range(100))
    instants = iter([n for gap in held_up_ns for n in (0, gap)])
    monkeypatch.setattr(module, "perf_counter_ns", lambda: next(instants))
    monkeypatch.setattr("time.time", lambda: float(next(wall)))

    assert module.same_instant() == (50, 2.0)
