from dataclasses import replace

from benchmarks.coherence.race.figure import make, rows
from benchmarks.coherence.race.recording import Delivery, Participant, Recording
from benchmarks.report.tones import TONES
from tests.unit.benchmarks.coherence.race.races import recording
from tests.unit.benchmarks.report.plots.drawn import assert_readable

CAUGHT, CLEAN = recording("naive"), recording("cached", revision=2)
LONG = "fill todos = before: no token, refused, " * 2


def texts(of: Recording) -> list[str]:
    return [row.text for row in rows(of)]


def test_no_words_run_into_others_and_the_alternative_text_and_the_table_say_it_all() -> None:
    wordy = replace(CAUGHT, events=[replace(each, said=LONG) for each in CAUGHT.events])
    caught, clean = make(CAUGHT), make(CLEAN)
    for figure in (make(wordy), clean):
        assert_readable(figure)

    for said in ("naive: 2 of 2 reads", "The old list is served", "SET todos = before"):
        assert said in caught.alt
    assert "cached: 0 of 2 reads" in clean.alt
    assert "No read is served the old list" in clean.alt
    assert len(caught.table.rows) == len(CAUGHT.events)


def test_an_old_answer_and_an_old_value_in_redis_are_marked_in_words_and_in_a_warning_s_tone() -> (
    None
):
    marked = [row for row in rows(CAUGHT) if "STALE" in row.text]

    assert len(marked) == 2
    assert {(row.tone, row.bold) for row in marked} == {("vermilion", True)}
    assert "MongoDB has after, Redis has before, for 297 s more" in texts(CAUGHT)
    assert "MongoDB has after, Redis has after" in texts(CLEAN)
    assert not any("STALE" in text for text in texts(CLEAN))
    assert {row.tone for row in rows(CAUGHT)} <= TONES.keys()


def test_what_is_held_stops_before_redis_and_goes_on_when_it_arrives() -> None:
    held, arrived = [row for row in rows(CAUGHT) if row.late]
    lanes = {lane: place for place, lane in enumerate(Participant)}

    assert held.start == lanes[Participant.A]
    assert lanes[Participant.MONGODB] < held.end == arrived.start < lanes[Participant.REDIS]
    assert arrived.end == lanes[Participant.REDIS]


def test_no_arrow_is_dashed_where_nothing_was_held() -> None:
    late = {Delivery.HELD, Delivery.ARRIVED}
    sent = replace(CLEAN, events=[each for each in CLEAN.events if each.delivery not in late])

    assert not any(row.late for row in rows(sent))
    assert "nothing here" in make(sent).caption


def test_lookups_of_the_account_and_the_preparation_are_left_out() -> None:
    said = " ".join(texts(CAUGHT))

    assert "MGET user, todos" in said
    assert "· MGET user " not in f"{said} "
    assert "POST" not in said
