from dataclasses import replace

from benchmarks.coherence.race.figure import make
from benchmarks.report.tones import TONES
from tests.unit.benchmarks.coherence.race.races import recording
from tests.unit.benchmarks.report.plots.drawn import assert_readable, texts

CAUGHT, CLEAN = recording("naive"), recording("cached", revision=2)
DASHED, WARNING = "stroke-dasharray", TONES["vermilion"].light


def test_every_message_and_state_is_in_the_figure_and_an_old_answer_in_a_warning_s_tone() -> None:
    caught, clean = make(CAUGHT), make(CLEAN)
    for figure in (caught, clean):
        assert_readable(figure)

    said = texts(caught)
    assert [text for text in said if "STALE" in text] == [
        "95 ms · STALE: 200: before",
        "99 ms · STALE: 200: before",
    ]
    assert "MongoDB has after, Redis has before, for 297 s more" in said
    assert "MongoDB has after, Redis has after" in texts(clean)
    assert WARNING in caught.svg
    assert WARNING not in clean.svg
    assert len(caught.table.rows) == 12
    assert "naive: 2 of 2 reads" in caught.alt
    assert "Redis has before" in caught.alt


def test_what_is_held_and_arrives_late_is_dashed() -> None:
    nothing_held = replace(CLEAN, held_ns=None, arrived_ns=None)

    assert DASHED in make(CLEAN).svg
    assert DASHED not in make(nothing_held).svg
