import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.coherence.history import RecordedOperation
from benchmarks.coherence.race.findings import (
    conclusion,
    events,
    exit_code,
    in_redis,
    judge,
    sentence,
    states,
)
from benchmarks.coherence.race.recording import (
    RaceStep,
    RecordingUnreadable,
    from_json,
    to_json,
)
from benchmarks.coherence.race.report import DATA, REPORT, page, read, write
from benchmarks.storage.usage import UsageError
from tests.unit.benchmarks.coherence.histories import TODO, listed
from tests.unit.benchmarks.coherence.race.races import race, recording
from tests.unit.benchmarks.simulate import ENVIRONMENT

CAUGHT, CLEAN = recording("naive"), recording("cached", revision=2)
UNCAUGHT = recording("naive", revision=2)


@pytest.mark.parametrize(
    ("last", "stale"),
    [
        # Of the reads in a recording one began before the write and may show either.
        (CAUGHT.operations[-2:], (3, 4)),
        (CLEAN.operations[-2:], ()),
        ([CLEAN.operations[-2], listed((96, 99), {TODO: 1})], (4,)),
        ([CLEAN.operations[-2], listed((96, 99))], (4,)),
    ],
)
def test_reads_that_began_after_the_acknowledgement_and_show_what_was_before_are_stale(
    last: Sequence[RecordedOperation], stale: tuple[int, ...]
) -> None:
    verdict = judge(replace(CLEAN, operations=[*CLEAN.operations[:-2], *last]))

    assert (verdict.stale, verdict.reads) == (stale, 2)


def test_the_sentence_counts_and_names_the_processes() -> None:
    assert sentence(CAUGHT) == (
        "naive: 2 of 2 reads that began after the write was acknowledged were stale "
        "(at process A, process A)."
    )
    assert "cached: 0 of 2" in sentence(CLEAN)


@pytest.mark.parametrize(
    ("rival", "ours", "code"),
    [
        (("naive", 1), ("cached", 2), 0),
        (("naive", 1), ("cached", 1), 1),
        (("naive", 1), ("uncached", 1), 1),
        (("naive", 2), ("cached", 2), 3),
        (("naive", 2), ("cached", 1), 1),
        (("cashews", 1), ("cached", 2), 0),
        (("cashews", 2), ("cached", 2), 0),
    ],
)
def test_ours_may_not_be_stale_and_naive_has_to_be_caught(
    rival: tuple[str, int], ours: tuple[str, int], code: int
) -> None:
    recordings = [recording(name, revision=revision) for name, revision in (rival, ours)]

    assert exit_code(recordings) == code


def test_a_table_of_some_steps_holds_their_messages_only_and_names_stale_answers() -> None:
    delivered, again = (
        [row[3] for row in events(CAUGHT, step).rows]
        for step in (RaceStep.DELIVER, RaceStep.READ_AGAIN)
    )

    assert delivered == ["arrives late: SET todos = before", "200: before (todos=miss user=hit)"]
    assert [text.endswith("STALE") for text in again] == [False, True, True]
    assert len(events(CAUGHT).rows) == len(CAUGHT.events)


def test_what_the_servers_held_is_told_by_step() -> None:
    assert [row[1:] for row in states(CAUGHT).rows] == [
        ["before", "nothing"],
        ["before", "a fill token"],
        ["after", "nothing, and a writer's mark"],
        ["after", "before, for 297 s more"],
        ["after", "before, for 297 s more"],
    ]
    assert in_redis(CLEAN.state_after(RaceStep.READ_AGAIN)) == "after"


def test_the_conclusion_says_when_nothing_was_shown_and_the_page_names_the_servers() -> None:
    assert "cached: 0 of 2" in conclusion(race(CAUGHT, CLEAN))
    assert "shown nothing" not in conclusion(race(CAUGHT, CLEAN))
    assert "did not take part" in conclusion(race(CLEAN))
    assert "was not caught: this play has shown nothing" in conclusion(race(UNCAUGHT))
    [how] = page(race(CAUGHT)).headline
    assert (
        f"SecantusDB 0.7 (SecantusDB) and Redis 8.2 (redis-server), {ENVIRONMENT.date_utc}" in how
    )


def test_a_folder_holds_the_data_the_report_and_a_figure_of_each_with_the_same_bytes_again(
    tmp_path: Path,
) -> None:
    recorded = race(CAUGHT, replace(CLEAN, variant="cashews"))
    write(tmp_path, recorded)
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    assert set(written) == {DATA, REPORT, "race-naive.svg", "race-cashews.svg"}
    assert read(tmp_path) == recorded
    report = written[REPORT].decode()
    assert "naive: 2 of 2 reads" in report
    assert "](race-naive.svg)" in report
    write(tmp_path, read(tmp_path))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == written


@pytest.mark.parametrize(
    "broken",
    [
        {"schema": 3},
        {"environment": None, "recordings": [{"variant": "naive"}]},
        {"recordings": 3},
        None,
    ],
)
def test_another_schema_or_shape_and_what_is_no_json_is_refused(
    tmp_path: Path, broken: dict[str, Any] | None
) -> None:
    text = json.dumps(json.loads(to_json(race())) | broken) if broken else "stale"

    with pytest.raises(RecordingUnreadable, match=None if broken else "no race"):
        from_json(text)
    for _ in range(2):
        # Without a file, then with this one.
        with pytest.raises(UsageError, match="not the folder of a race"):
            read(tmp_path)
        (tmp_path / DATA).write_text(text)


def test_a_race_of_the_first_schema_is_read() -> None:
    text = to_json(race()).replace('"schema": 2', '"schema": 1')
    first = text.replace('"delivery":', '"way":').replace('"states":', '"looks":')

    assert '"way":' in first
    assert '"looks":' in first
    assert from_json(first) == race()


def test_a_race_of_this_schema_may_hold_a_name_of_the_first_one() -> None:
    kept = replace(race(), environment=replace(ENVIRONMENT, packages={"way": "1.0"}))

    assert from_json(to_json(kept)) == kept
