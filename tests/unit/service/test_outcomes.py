import pytest

from benchmarks.measure.client import outcome_of
from service.outcomes import COLLAPSED, HIT, OFF, UNAVAILABLE, bypass, miss, summary


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
