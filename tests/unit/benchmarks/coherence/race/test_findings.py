from collections.abc import Sequence
from dataclasses import replace

import pytest

from benchmarks.coherence.history import RecordedOperation
from benchmarks.coherence.race.findings import (
    conclusion,
    events,
    exit_code,
    judge,
    sentence,
    states,
)
from benchmarks.coherence.race.recording import RaceStep
from tests.unit.benchmarks.coherence.histories import listed
from tests.unit.benchmarks.coherence.race.races import race, recording

CAUGHT, CLEAN = recording("naive"), recording("cached", revision=2)
UNCAUGHT = recording("naive", revision=2)
OLD, NEW = CAUGHT.operations[-2:], CLEAN.operations[-2:]
EMPTY = listed((OLD[1].invoked_ns, OLD[1].returned_ns))


@pytest.mark.parametrize(
    ("last", "stale"),
    [
        # Of the reads in a recording one began before the write and may show either.
        (OLD, OLD),
        (NEW, ()),
        ([NEW[0], OLD[1]], (OLD[1],)),
        ([NEW[0], EMPTY], (EMPTY,)),
    ],
)
def test_reads_that_began_after_the_acknowledgement_and_show_what_was_before_are_stale(
    last: Sequence[RecordedOperation], stale: tuple[RecordedOperation, ...]
) -> None:
    verdict = judge(replace(CLEAN, operations=(*CLEAN.operations[:-2], *last)))

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


def test_the_messages_stand_in_the_step_in_which_they_came() -> None:
    rows = {step: [row[1:] for row in events(CAUGHT, step).rows] for step in RaceStep}

    held, reader = "the list to be stored, which is held", ["reader", "process A", "GET /todo/"]
    stale = ["process A", "reader", "200: before, STALE"]
    assert rows == {
        RaceStep.PREPARE: [
            ["writer", "process A", "POST /todo/, heading: before"],
            ["process A", "writer", "201: acknowledged"],
        ],
        RaceStep.READ: [reader, ["process A", "proxy", held]],
        RaceStep.WRITE: [
            ["writer", "process A", "PUT /todo/{id}, heading: after"],
            ["process A", "writer", "200: acknowledged"],
        ],
        RaceStep.DELIVER: [
            ["proxy", "Redis", "the list that was held"],
            ["process A", "reader", "200: before"],
        ],
        RaceStep.READ_AGAIN: [reader, stale, reader, stale],
    }
    assert [row[0] for row in events(CAUGHT, RaceStep.DELIVER).rows] == ["70.0", "80.0"]
    assert len(events(CAUGHT).rows) == sum(map(len, rows.values()))


def test_a_hit_and_a_missing_todo_are_said_and_nothing_is_held_of_a_variant_without_cache() -> None:
    last = [replace(NEW[0], hit=True), replace(NEW[1], revisions={})]
    shown = replace(
        CLEAN, operations=(*CLEAN.operations[:-2], *last), held_ns=None, arrived_ns=None
    )

    said = [row[3] for row in events(shown).rows]
    assert said[-3:] == ["200: after, from the cache", "GET /todo/", "200: no todo, STALE"]
    assert not any("held" in text for text in said)


def test_what_the_servers_held_is_told_by_step() -> None:
    assert [row[1:] for row in states(CAUGHT).rows] == [
        ["before", "nothing"],
        ["before", "a fill token"],
        ["after", "nothing"],
        ["after", "before, for 297 s more"],
        ["after", "before, for 297 s more"],
    ]
    assert states(CLEAN).rows[-1][1:] == ["after", "after"]


def test_the_conclusion_says_when_nothing_was_shown() -> None:
    assert "cached: 0 of 2" in conclusion(race(CAUGHT, CLEAN))
    assert "shown nothing" not in conclusion(race(CAUGHT, CLEAN))
    assert "did not take part" in conclusion(race(CLEAN))
    assert "was not caught: this play has shown nothing" in conclusion(race(UNCAUGHT))
