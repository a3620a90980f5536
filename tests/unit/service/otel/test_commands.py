from datetime import timedelta

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import StatusCode
from pymongo.monitoring import CommandFailedEvent, CommandStartedEvent

from service.otel.commands import commands_of
from tests.unit.service.otel.recorder import SpanRecorder

AT = ("127.0.0.1", 27017)
EMAIL = "ada@example.com"
STARTED = CommandStartedEvent({"find": "users", "filter": {"email": EMAIL}}, "fivefold", 1, AT, 1)
FAILURE = {"ok": 0, "errmsg": f'dup key: {{ email: "{EMAIL}" }}', "codeName": "DuplicateKey"}
FAILED = CommandFailedEvent(timedelta(), FAILURE, "find", 1, AT, 1)


def failed_in_request(recorder: SpanRecorder) -> ReadableSpan:
    """Return the span of a command that failed."""
    spans = commands_of(recorder.tracer)
    with recorder.tracer.start_as_current_span("request"):
        spans.started(STARTED)
        spans.failed(FAILED)
    return recorder.spans[0]


def test_a_command_that_failed_has_a_span_without_what_was_asked_and_answered() -> None:
    span = failed_in_request(SpanRecorder())

    assert (span.name, span.status.status_code) == ("fivefold.find", StatusCode.ERROR)
    assert EMAIL not in span.to_json()


def test_what_is_done_beside_requests_has_no_span() -> None:
    recorder = SpanRecorder()
    spans = commands_of(recorder.tracer)
    spans.started(STARTED)
    spans.failed(FAILED)

    assert recorder.spans == ()
