import pytest

from benchmarks.measure.client import outcome_of
from service.domain import CachedValue
from service.trace import (
    COLLAPSED,
    HIT,
    MISS,
    OFF,
    UNAVAILABLE,
    bypass,
    cache_status,
    miss,
    summary,
)


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
def test_an_answer_has_one_word_for_all_its_values_which_readers_of_the_header_find_too(
    outcomes: tuple[str, ...], word: str
) -> None:
    header = ", ".join(f"slot; {outcome}" for outcome in outcomes)

    assert summary(outcomes) == word
    assert not outcomes or outcome_of(header) == word


def test_the_header_has_the_payload_first_in_whatever_order_the_values_were_read() -> None:
    outcomes = [(CachedValue.USER, HIT), (CachedValue.TODOS, MISS)]

    assert cache_status(outcomes) == cache_status(outcomes[::-1]) == "todos; fwd=miss, user; hit"
