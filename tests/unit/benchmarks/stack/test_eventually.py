from collections.abc import Iterator

import pytest

from benchmarks.stack.errors import StackError
from benchmarks.stack.eventually import eventually


def test_it_returns_when_it_is_done() -> None:
    answers: Iterator[bool] = iter([False, True])

    eventually(lambda: next(answers), "it did not agree", within_s=5, passing=OSError)

    assert next(answers, None) is None


def test_an_error_that_passes_means_not_yet_and_is_told_in_the_end() -> None:
    def refuses() -> bool:
        raise ConnectionRefusedError("nobody there")

    with pytest.raises(StackError, match=r"it did not agree within 0\.05 s \(nobody there\)"):
        eventually(refuses, "it did not agree", within_s=0.05, passing=OSError)


def test_any_other_error_is_not_waited_out() -> None:
    def breaks() -> bool:
        raise KeyError("slot")

    with pytest.raises(KeyError):
        eventually(breaks, "it did not agree", within_s=5, passing=OSError)
