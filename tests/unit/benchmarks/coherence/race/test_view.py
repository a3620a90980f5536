from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.coherence.race.files import DATA, REPORT, publish, read
from benchmarks.coherence.race.recording import RaceStep, to_json
from benchmarks.coherence.race.view import conclusion, events, in_redis, looks, page
from benchmarks.storage.usage import UsageError
from tests.unit.benchmarks.coherence.race.races import race, recording

CAUGHT, CLEAN = recording("naive"), recording("cached", revision=2)


def test_a_table_of_some_steps_holds_their_messages_only_and_names_stale_answers() -> None:
    delivered, again = (
        [row[3] for row in events(CAUGHT, step).rows]
        for step in (RaceStep.DELIVER, RaceStep.READ_AGAIN)
    )

    assert delivered == ["arrives late: SET todos = before", "200: before (todos=miss user=hit)"]
    assert [text.endswith("STALE") for text in again] == [False, True, True]
    assert len(events(CAUGHT).rows) == len(CAUGHT.events)


def test_what_lay_where_is_told_by_step() -> None:
    assert [row[1:] for row in looks(CAUGHT).rows] == [
        ["before", "nothing"],
        ["before", "a fill token"],
        ["after", "nothing, and a writer's mark"],
        ["after", "before, for 297 s more"],
        ["after", "before, for 297 s more"],
    ]
    assert in_redis(CLEAN.look(RaceStep.READ_AGAIN)) == "after"


def test_the_conclusion_says_when_nothing_was_shown_and_the_page_names_the_servers() -> None:
    assert "cached: 0 of 2" in conclusion(race(CAUGHT, CLEAN))
    assert "shown nothing" not in conclusion(race(CAUGHT, CLEAN))
    assert "did not take part" in conclusion(race(CLEAN))
    uncaught = replace(CLEAN, variant="naive", kind="rival")
    assert "was not caught: this play has shown nothing" in conclusion(race(uncaught))
    [how] = page(race(CAUGHT)).headline
    assert "SecantusDB 0.7 and Redis 8.2, 2026-11-23T12:00:00Z" in how


def test_a_folder_holds_the_data_the_report_and_a_picture_of_each_with_the_same_bytes_again(
    tmp_path: Path,
) -> None:
    played = race(CAUGHT, replace(CLEAN, variant="cashews"))
    publish(tmp_path, played)
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    assert set(written) == {DATA, REPORT, "race-naive.svg", "race-cashews.svg"}
    assert read(tmp_path) == played
    report = written[REPORT].decode()
    assert "naive: 2 of 2 reads" in report
    assert "](race-naive.svg)" in report
    publish(tmp_path, read(tmp_path))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == written


def test_a_folder_without_a_race_is_a_usage_error(tmp_path: Path) -> None:
    for text in (None, to_json(race())[:9]):
        if text is not None:
            (tmp_path / DATA).write_text(text)
        with pytest.raises(UsageError, match="not the folder of a race"):
            read(tmp_path)
