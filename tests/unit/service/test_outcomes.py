import pytest

from benchmarks.measure.headers import outcome_of
from service.domain import CachedValue
from service.outcomes import COLLAPSED, HIT, OFF, UNAVAILABLE, bypass, cache_status, miss, summary


def test_outcomes_are_rendered_with_the_payload_first() -> None:
    outcomes = {CachedValue.USER: HIT, CachedValue.TODOS: UNAVAILABLE}

    assert cache_status(outcomes) == "todos; fwd=bypass; detail=unavailable, user; hit"


@pytest.mark.parametrize(
    ("outcomes", "word"),
    [
        ((), "none"),
        ((HIT, HIT), "hit"),
        ((HIT, miss("cold")), "partial"),
        ((HIT, OFF), "partial"),
        ((OFF, bypass("fenced")), "bypass"),
        ((miss("cold"), COLLAPSED), "miss"),
        ((miss("cold"), UNAVAILABLE), "miss"),
    ],
)
def test_an_answer_has_one_word_for_all_of_its_slots(outcomes: tuple[str, ...], word: str) -> None:
    assert summary(outcomes) == word


def test_the_word_is_that_of_who_reads_the_header() -> None:
    for outcomes in (
        (HIT, HIT),
        (HIT, miss("cold")),
        (OFF, OFF),
        (miss("cold"), OFF),
        (COLLAPSED,),
    ):
        header = ", ".join(f"slot; {outcome}" for outcome in outcomes)

        assert summary(outcomes) == outcome_of(header)
