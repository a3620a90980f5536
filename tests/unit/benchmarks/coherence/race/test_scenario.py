import pickle

import pytest

from benchmarks.coherence.race.scenario import content, wait_until
from benchmarks.stack.errors import StackError


@pytest.mark.parametrize(
    ("stored", "what"),
    [
        (b'V[{"id":"a","heading":"before"}]', "before"),
        (b'[{\\"heading\\":\\"after\\"}]', "after"),
        (pickle.dumps([{"heading": "after"}]), "after"),
        (b"Labc", "a fill token"),
        (b"X", "a trace of the write"),
        (b"?", "something else"),
    ],
)
def test_what_redis_holds_has_a_name_however_a_variant_encodes_it(stored: bytes, what: str) -> None:
    assert content(stored) == what


def test_a_wait_ends_when_it_happened_and_one_that_lasts_too_long_names_the_step() -> None:
    answers = iter([False, False, True])
    wait_until(lambda: next(answers), "see it")

    assert list(answers) == []
    with pytest.raises(StackError, match=r"waited 0 s to see A miss"):
        wait_until(lambda: False, "see A miss", deadline_s=0)
