from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.coherence.race.files import DATA
from benchmarks.coherence.race.recording import Delivery, to_json
from benchmarks.coherence.race.verdict import exit_code
from benchmarks.stack.errors import StackError
from notebooks.lib import coherence, stored
from notebooks.lib.coherence import recorded
from notebooks.lib.measuring import Command
from tests.unit.benchmarks.coherence.race.races import race, recording


def played(code: int) -> tuple[Command, list[Sequence[str]]]:
    """Return a command that ends like this, leaving a race of cashews, and what it is asked."""
    asked: list[Sequence[str]] = []

    def fivefold(arguments: Sequence[str]) -> tuple[int, str]:
        asked.append(arguments)
        folder = Path(arguments[-1].removeprefix("--out=")) / "20991231-235959-race-0000"
        folder.mkdir(parents=True)
        (folder / DATA).write_text(to_json(race(recording("cashews"))))
        return code, "no step came about"

    return fivefold, asked


def test_the_committed_race_is_one_that_naive_loses_and_ours_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("FIVEFOLD_LIVE", raising=False)
    published = recorded()

    assert [each.variant for each in published.recordings] == ["naive", "cached"]
    assert exit_code(published.recordings) == 0


@pytest.mark.parametrize("code", [0, 1, 3])
def test_live_it_is_played_and_whatever_came_of_it_is_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: int
) -> None:
    monkeypatch.setenv("FIVEFOLD_LIVE", "1")
    command, asked = played(code)

    assert recorded(tmp_path / "runs", command=command).recordings[0].variant == "cashews"
    assert asked == [["race", f"--out={tmp_path / 'runs'}"]]


def test_a_play_that_broke_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FIVEFOLD_LIVE", "1")
    command, _ = played(4)

    with pytest.raises(StackError, match="no step came about"):
        recorded(tmp_path / "runs", command=command)


def test_a_shorter_life_of_an_entry_costs_hits() -> None:
    rows = coherence.by_ttl([300, 10], reads_per_second=1 / 5).rows

    # The renewal formula: 60 of 61 reads, and 2 of 3.
    assert rows == [("300 s", "0.98"), ("10 s", "0.67")]


def test_what_the_servers_hold_is_said_side_by_side() -> None:
    last = recording("naive").look(coherence.RaceStep.READ_AGAIN)

    assert coherence.where(last) == "MongoDB has **after**, Redis has **before, for 297 s more**"


def test_the_held_value_comes_so_long_after_the_acknowledgement() -> None:
    assert coherence.late_by_ms(recording("naive")) == 10


def test_where_nothing_was_held_nothing_comes_late() -> None:
    naive = recording("naive")
    kept = tuple(each for each in naive.events if each.way is not Delivery.ARRIVED)

    with pytest.raises(ValueError, match="nothing was held while naive played"):
        coherence.late_by_ms(replace(naive, events=kept))


def test_a_writes_words_to_redis_are_those_about_the_list() -> None:
    assert coherence.words_to_redis(recording("naive")) == ["DEL todos"]


def test_a_write_is_priced_in_every_regime_that_has_one() -> None:
    rows = coherence.write_prices(stored.published().results).rows

    assert rows
    assert all("x [" in row[2] for row in rows)
