"""The page of the fault matrix."""

from tests.faults.page import Row, render

_ROW = Row("Redis", "killed", "kill -9", "no stale read", "stale 0, longest write 1.1 s", "passed")


def test_a_row_shows_what_was_measured() -> None:
    page = render([_ROW], command="pytest tests/faults", environment="Measured today.")

    assert "## Redis" in page
    assert "| killed | kill -9 | no stale read | stale 0, longest write 1.1 s |" in page
    assert "    pytest tests/faults\n" in page
    assert "Measured today." in page


def test_a_row_that_failed_says_so() -> None:
    row = Row("Redis", "killed", "kill | -9", "no stale read", "stale 3", "failed")

    page = render([row], command="", environment="")

    assert r"| killed | kill \| -9 | no stale read | **failed** stale 3 |" in page
