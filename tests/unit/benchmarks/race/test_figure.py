from dataclasses import replace

from benchmarks.export.figure import Figure
from benchmarks.export.tones import TONES
from benchmarks.race.figure import make
from benchmarks.race.layout import PLACES, Words, laid_out
from benchmarks.race.recording import Event, Lane, Recording, Way
from tests.unit.benchmarks.export.plots.drawn import assert_readable, boxes
from tests.unit.benchmarks.race.plays import recording

CAUGHT, CLEAN = recording("naive"), recording("cached", revision=2)
_drawn: dict[str, Figure] = {}
LONG = "fill todos = before: no token, refused, " * 2


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


def test_words_are_given_at_least_the_room_that_they_take() -> None:
    layout = laid_out(CAUGHT)
    drawn = {box.text: box.right - box.left for box in boxes(picture(CAUGHT))}

    assert all(drawn[words.text] <= words.width for words in layout.words)


def test_an_old_answer_is_marked_in_words_and_in_the_tone_of_a_warning() -> None:
    marked = [words for words in laid_out(CAUGHT).words if words.text.find("STALE") > 0]

    assert len(marked) == 2
    assert {words.tone for words in marked} == {"vermilion"}
    assert not any("STALE" in words.text for words in laid_out(CLEAN).words)


def test_what_redis_keeps_although_it_is_old_is_said() -> None:
    said = [words.text for words in laid_out(CAUGHT).words]

    assert "MongoDB has after, Redis has before, for 297 s more" in said
    assert "MongoDB has after, Redis has after" in [each.text for each in laid_out(CLEAN).words]


def test_what_is_held_stops_before_redis_and_goes_on_when_it_arrives() -> None:
    layout = laid_out(CAUGHT)
    held, arrived = [arrow for arrow in layout.arrows if arrow.dashed]

    assert held.start == PLACES[Lane.A]
    assert held.end == arrived.start < PLACES[Lane.REDIS]
    assert arrived.end == PLACES[Lane.REDIS]
    assert not held.tip
    assert layout.waits == [(held.y, arrived.y)]


def test_nothing_waits_where_nothing_was_held() -> None:
    sent = [each for each in CLEAN.events if each.way not in {Way.HELD, Way.ARRIVED}]
    figure = make(replace(CLEAN, events=sent))

    assert laid_out(replace(CLEAN, events=sent)).waits == []
    assert "nothing here" in figure.caption


def test_lookups_of_the_account_and_the_preparation_are_left_out() -> None:
    said = " ".join(words.text for words in laid_out(CAUGHT).words)

    assert "MGET user, todos" in said
    assert "· MGET user " not in f"{said} "
    assert "POST" not in said


def test_the_alternative_text_names_the_verdict() -> None:
    assert "naive: 2 of 2 reads" in picture(CAUGHT).alt
    assert "The old list is served" in picture(CAUGHT).alt
    assert "SET todos = before" in picture(CAUGHT).alt
    assert "cached: 0 of 2 reads" in picture(CLEAN).alt
    assert "Nobody is served the old list" in picture(CLEAN).alt


def test_the_table_holds_every_message() -> None:
    assert len(picture(CAUGHT).table.rows) == len(CAUGHT.events)


def test_the_same_recording_gives_the_same_bytes() -> None:
    assert make(CAUGHT) == picture(CAUGHT)


def test_every_color_is_one_that_pages_exchange() -> None:
    tones = {words.tone for words in laid_out(CAUGHT).words}
    tones |= {arrow.tone for arrow in laid_out(CAUGHT).arrows}

    assert tones <= TONES.keys()
    assert Words(0, 0, "ab", bold=True).width > Words(0, 0, "ab").width
