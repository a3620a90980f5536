"""What is said of races written by hand; the published one shows the figure and the tables."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.coherence.history import RecordedOperation
from benchmarks.coherence.race import run
from benchmarks.coherence.race.figure import make
from benchmarks.coherence.race.findings import Race, conclusion, events, exit_code, judge
from benchmarks.coherence.race.report import DATA, read
from benchmarks.stack.errors import StackError
from benchmarks.storage.plain import to_json
from benchmarks.storage.usage import UsageError
from tests.unit.benchmarks.coherence.histories import listed
from tests.unit.benchmarks.coherence.race.races import race, recording
from tests.unit.benchmarks.report.plots.drawn import assert_readable, texts

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


def test_the_conclusion_says_when_nothing_was_shown() -> None:
    assert "shown nothing" not in conclusion(race(CAUGHT, CLEAN))
    assert "did not take part" in conclusion(race(CLEAN))
    assert "was not caught: this play has shown nothing" in conclusion(race(UNCAUGHT))


def test_a_variant_without_cache_and_a_missing_todo_are_said_and_drawn() -> None:
    last = [NEW[0], replace(NEW[1], revisions={})]
    shown = replace(
        CLEAN, operations=(*CLEAN.operations[:-2], *last), held_ns=None, arrived_ns=None
    )

    said = [row[3] for row in events(shown).rows]
    assert said[-1] == "200: no todo, STALE"
    assert not any("held" in text for text in said)
    for each in (CAUGHT, shown):
        assert_readable(make(each))
        assert any("STALE" in text for text in texts(make(each)))


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        # As an earlier version wrote it.
        ({"schema": 2}, "its schema is not fivefold.race/3"),
        ({"recordings": [{"variant": "naive"}]}, "recordings.0: it lacks"),
        (None, "not JSON"),
    ],
)
def test_a_race_of_another_version_or_shape_is_refused_in_a_sentence(
    tmp_path: Path, broken: dict[str, Any] | None, why: str
) -> None:
    text = json.dumps(json.loads(to_json(race())) | broken) if broken else "stale"
    (tmp_path / DATA).write_text(text)

    with pytest.raises(UsageError, match=f"does not hold a race of this version: {why}"):
        read(tmp_path)


def test_naive_and_ours_race_unless_services_are_named_and_what_broke_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    played: list[Sequence[str]] = []

    def record(names: Sequence[str], *_: Any, **__: Any) -> Race:
        played.append(names)
        raise StackError("it waited 5 s to see process A miss.")

    monkeypatch.setattr(run, "record", record)

    assert [run.race(names, tmp_path, {}) for names in ((), ("uncached", "uncached"))] == [4, 4]
    assert played == [("naive", "cached"), ("uncached",)]
    assert "see process A miss" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
    for variant in ("magic", "static", "no-uvloop"):
        with pytest.raises(UsageError, match="choose from: uncached, cached"):
            run.race((variant,), tmp_path, {})
    with pytest.raises(UsageError, match="is a file"):
        run.race((), Path(__file__), {})
