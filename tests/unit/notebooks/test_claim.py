from notebooks.lib.claim import bound, first_at, measured_sessions, told, verdicts_of
from notebooks.lib.stored import published


def test_the_tutorial_is_told_as_it_tells_itself() -> None:
    rows = told().rows

    assert rows[0] == ("request 1", "50", "50")
    assert rows[1] == ("request 2", "50", "1")
    assert rows[-1] == ("total", "250", "54")


def test_what_was_measured_stands_below_what_was_claimed() -> None:
    claim, *measured = measured_sessions(published().results).rows

    assert claim == ("the tutorial", "250", "54.0", "4.63x")
    assert [row[0] for row in measured] == ["native", "50ms-per-request", "50ms-per-query"]
    assert all("[" in cell for row in measured for cell in row[1:])


def test_every_claim_has_a_verdict_in_every_regime() -> None:
    table = verdicts_of(published().results)

    assert len(table.rows) == 7
    assert {len(row) for row in table.rows} == {len(table.headings)}
    assert all(
        "reproduced" in cell or "inconclusive" in cell for row in table.rows for cell in row[1:]
    )


def test_the_tutorials_own_numbers_reach_five_at_the_sixth_read() -> None:
    tutorial, *_ = first_at(published().results, 5.0).rows

    assert tutorial == ("the tutorial", "-", "50.00x", "n = 6")


def test_what_no_number_of_reads_reaches_is_never_reached() -> None:
    rows = first_at(published().results, 1e6).rows

    assert {row[-1] for row in rows} == {"never"}


def test_the_picture_says_what_it_draws() -> None:
    figure = bound(5)

    assert figure.alt == "S(5) = 4.63x, below n = 5; 5x first at n = 6."
    assert figure.table.rows[-1] == ("5", "4.63")


def test_a_database_that_is_too_fast_never_gets_there() -> None:
    assert "5x at no n at all" in bound(5, database_ms=2.0).caption
