import pytest

from benchmarks.stack.errors import StackError
from benchmarks.stack.eventually import eventually


def test_it_returns_when_it_is_done() -> None:
    answers = iter([False, True])

    eventually(lambda: next(answers), "it did not agree", within_s=5, passing=OSError)

    assert next(answers, None) is None


def test_an_error_that_passes_means_not_yet_and_any_other_is_not_waited_out() -> None:
    def refuses() -> bool:
        raise ConnectionRefusedError("nobody there")

    with pytest.raises(StackError, match=r"it did not agree within 0\.05 s \(nobody there\)"):
        eventually(refuses, "it did not agree", within_s=0.05, passing=OSError)
    with pytest.raises(ConnectionRefusedError):
        eventually(refuses, "it did not agree", within_s=5, passing=KeyError)
