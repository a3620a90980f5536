from dataclasses import replace

from benchmarks.coherence.race.figure import make, rows
from benchmarks.coherence.race.recording import Delivery, Event, Participant, Recording
from benchmarks.report.figure import Figure
from benchmarks.report.tones import TONES
from tests.unit.benchmarks.coherence.race.plays import recording
from tests.unit.benchmarks.report.plots.drawn import assert_readable

CAUGHT, CLEAN = recording("naive"), recording("cached", revision=2)
_drawn: dict[str, Figure] = {}
PROMPT = set(Delivery) - {Delivery.HELD, Delivery.ARRIVED}
LONG = "fill todos = before: no token, refused, " * 2


def texts(of: Recording) -> list[str]:
    return [row.text for row in rows(of)]


def picture(of: Recording) -> Figure:
    """Draw one of the two once for all tests."""
    if of.variant not in _drawn:
        _drawn[of.variant] = make(of)
    return _drawn[of.variant]


def test_no_words_run_into_others_or_out_of_the_picture() -> None:
    wordy = replace(CAUGHT, events=[_wordy(each) for each in CAUGHT.events])
    for figure in (picture(CAUGHT), picture(CLEAN), make(wordy)):
        assert_readable(figure)


def _wordy(event: Event) -> Event:
    return replace(event, said=LONG)


def test_an_old_answer_is_marked_in_words_and_in_the_tone_of_a_warning() -> None:
    marked = [row for row in rows(CAUGHT) if "STALE" in row.text]

    assert len(marked) == 2
    assert {(row.tone, row.bold) for row in marked} == {("vermilion", True)}
    assert not any("STALE" in row.text for row in rows(CLEAN))


def test_what_redis_keeps_although_it_is_old_is_said() -> None:
    assert "MongoDB has after, Redis has before, for 297 s more" in texts(CAUGHT)
    assert "MongoDB has after, Redis has after" in texts(CLEAN)


def test_what_is_held_stops_before_redis_and_goes_on_when_it_arrives() -> None:
    held, arrived = [row for row in rows(CAUGHT) if row.late]
    lanes = {lane: place for place, lane in enumerate(Participant)}

    assert held.start == lanes[Participant.A]
    assert lanes[Participant.MONGODB] < held.end == arrived.start < lanes[Participant.REDIS]
    assert arrived.end == lanes[Participant.REDIS]


def test_no_arrow_is_dashed_where_nothing_was_held() -> None:
    sent = replace(CLEAN, events=[each for each in CLEAN.events if each.way in PROMPT])

    assert not any(row.late for row in rows(sent))
    assert "nothing here" in make(sent).caption


def test_lookups_of_the_account_and_the_preparation_are_left_out() -> None:
    said = " ".join(texts(CAUGHT))

    assert "MGET user, todos" in said
    assert "· MGET user " not in f"{said} "
    assert "POST" not in said


def test_the_alternative_text_names_the_verdict() -> None:
    assert "naive: 2 of 2 reads" in picture(CAUGHT).alt
    assert "The old list is served" in picture(CAUGHT).alt
    assert "SET todos = before" in picture(CAUGHT).alt
    assert "cached: 0 of 2 reads" in picture(CLEAN).alt
    assert "No read is served the old list" in picture(CLEAN).alt


def test_the_table_holds_every_message() -> None:
    assert len(picture(CAUGHT).table.rows) == len(CAUGHT.events)


def test_the_same_recording_gives_the_same_bytes() -> None:
    assert make(CAUGHT) == picture(CAUGHT)


def test_every_color_is_one_that_pages_exchange() -> None:
    assert {row.tone for row in rows(CAUGHT)} <= TONES.keys()
