from datetime import timedelta
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import StatusCode
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from service.otel.mongo import CommandSpans
from tests.unit.service.otel.recorder import Recorder

AT = ("127.0.0.1", 27017)
NO_TIME = timedelta()
Event = CommandStartedEvent | CommandSucceededEvent | CommandFailedEvent
EMAIL = "ada@example.com"


def started(request_id: int = 1, **command: Any) -> CommandStartedEvent:
    command = command or {"find": "users", "filter": {"email": EMAIL}}
    return CommandStartedEvent(command, "fivefold", request_id, AT, 1)


def succeeded(request_id: int = 1) -> CommandSucceededEvent:
    return CommandSucceededEvent(NO_TIME, {"ok": 1}, "find", request_id, AT, 1)


def failed(failure: dict[str, Any]) -> CommandFailedEvent:
    return CommandFailedEvent(NO_TIME, failure, "find", 1, AT, 1)


def in_request(recorder: Recorder, *events: Event) -> ReadableSpan:
    """Return the span of the one command that these events are about."""
    spans = CommandSpans(recorder.tracer)
    with recorder.tracer.start_as_current_span("request"):
        for event in events:
            match event:
                case CommandStartedEvent():
                    spans.started(event)
                case CommandSucceededEvent():
                    spans.succeeded(event)
                case CommandFailedEvent():
                    spans.failed(event)
    assert not spans._open
    span, _ = recorder.spans
    return span


def test_a_command_is_told_by_name_and_collection_and_not_by_what_it_asks() -> None:
    span = in_request(Recorder(), started(), succeeded())

    assert span.name == "find users"
    assert dict(span.attributes or {}) == {
        "db.system.name": "mongodb",
        "db.namespace": "fivefold",
        "db.operation.name": "find",
        "db.collection.name": "users",
        "server.address": "127.0.0.1",
        "server.port": 27017,
    }
    assert EMAIL not in span.to_json()


def test_a_command_on_no_collection_is_told_by_its_name() -> None:
    assert in_request(Recorder(), started(ping=1), succeeded()).name == "ping"


def test_a_failure_is_told_without_the_servers_words() -> None:
    text = f'E11000 duplicate key error dup key: {{ email: "{EMAIL}" }}'
    failure = {"ok": 0, "errmsg": text, "code": 11000, "codeName": "DuplicateKey"}
    span = in_request(Recorder(), started(), failed(failure))
    attributes = dict(span.attributes or {})

    assert span.status.status_code is StatusCode.ERROR
    assert attributes["error.type"] == "DuplicateKey"
    assert attributes["db.response.status_code"] == "11000"
    assert EMAIL not in span.to_json()


def test_a_connection_that_broke_is_told_by_its_kind() -> None:
    span = in_request(Recorder(), started(), failed({"errmsg": "gone", "errtype": "AutoReconnect"}))

    assert dict(span.attributes or {})["error.type"] == "AutoReconnect"


def test_what_is_done_beside_requests_has_no_span() -> None:
    recorder = Recorder()
    spans = CommandSpans(recorder.tracer)
    spans.started(started())
    spans.succeeded(succeeded())
    spans.started(started())
    spans.failed(failed({}))

    assert recorder.spans == ()


def test_commands_at_the_same_time_are_kept_apart() -> None:
    recorder = Recorder()
    spans = CommandSpans(recorder.tracer)
    with recorder.tracer.start_as_current_span("request"):
        spans.started(started(1))
        spans.started(started(2, find="todos"))
        spans.succeeded(succeeded(2))
        spans.succeeded(succeeded(1))

    assert [each.name for each in recorder.spans] == ["find todos", "find users", "request"]
