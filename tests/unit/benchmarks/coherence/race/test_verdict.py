from dataclasses import replace

import pytest

from benchmarks.coherence.race.verdict import exit_code, judge, sentence
from tests.unit.benchmarks.coherence.race.plays import recording
from tests.unit.benchmarks.coherence.verify.histories import TODO, listed

CAUGHT, CLEAN = recording("naive", revision=1), recording("naive", revision=2)


def test_reads_that_began_after_the_acknowledgement_and_show_what_was_before_are_stale() -> None:
    assert judge(CAUGHT).stale == (3, 4)
    assert judge(CAUGHT).reads == 2


def test_a_read_that_began_before_the_write_may_show_either() -> None:
    assert judge(CLEAN).stale == ()
    assert judge(CLEAN).reads == 2


def test_one_old_answer_among_new_ones_is_found() -> None:
    *earlier, _ = CLEAN.operations
    mixed = replace(CLEAN, operations=[*earlier, listed((96, 99), {TODO: 1})])

    assert judge(mixed).stale == (4,)


def test_a_list_without_the_todo_is_stale_too() -> None:
    *earlier, _ = CLEAN.operations

    assert judge(replace(CLEAN, operations=[*earlier, listed((96, 99))])).stale == (4,)


def test_the_sentence_counts_and_names_the_processes() -> None:
    assert sentence(CAUGHT) == (
        "naive: 2 of 2 reads that began after the write was acknowledged were stale "
        "(at process A, process A)."
    )
    assert "naive: 0 of 2" in sentence(CLEAN)


@pytest.mark.parametrize(
    ("plays", "code"),
    [
        (("naive", 1, "cached", 2), 0),
        (("naive", 1, "cached", 1), 1),
        (("naive", 1, "uncached", 1), 1),
        (("naive", 2, "cached", 2), 3),
        (("naive", 2, "cached", 1), 1),
        (("cashews", 1, "cached", 2), 0),
        (("cashews", 2, "cached", 2), 0),
    ],
)
def test_ours_may_not_be_stale_and_naive_has_to_be_caught(
    plays: tuple[str, int, str, int], code: int
) -> None:
    one, one_revision, other, other_revision = plays
    recordings = [
        recording(one, revision=one_revision),
        recording(other, revision=other_revision),
    ]

    assert exit_code(recordings) == code
