from dataclasses import replace

import pytest

from benchmarks.coherence.race.verdict import exit_code, judge, sentence
from benchmarks.coherence.verify.history import RecordedOperation
from tests.unit.benchmarks.coherence.race.races import recording
from tests.unit.benchmarks.coherence.verify.histories import TODO, listed

CAUGHT, CLEAN = recording("naive", revision=1), recording("naive", revision=2)


def test_reads_that_began_after_the_acknowledgement_and_show_what_was_before_are_stale() -> None:
    # A read that began before the write may show either.
    assert (judge(CAUGHT).stale, judge(CAUGHT).reads) == ((3, 4), 2)
    assert (judge(CLEAN).stale, judge(CLEAN).reads) == ((), 2)


@pytest.mark.parametrize("last", [listed((96, 99), {TODO: 1}), listed((96, 99))])
def test_one_old_list_among_new_ones_or_one_without_the_todo_is_found(
    last: RecordedOperation,
) -> None:
    mixed = replace(CLEAN, operations=[*CLEAN.operations[:-1], last])

    assert judge(mixed).stale == (4,)


def test_the_sentence_counts_and_names_the_processes() -> None:
    assert sentence(CAUGHT) == (
        "naive: 2 of 2 reads that began after the write was acknowledged were stale "
        "(at process A, process A)."
    )
    assert "naive: 0 of 2" in sentence(CLEAN)


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
