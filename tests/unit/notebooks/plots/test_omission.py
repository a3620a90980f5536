from functools import cache

import pytest

from benchmarks.report.figure import Figure
from notebooks.lib.model.omission import Served, Stall
from notebooks.lib.plots.omission import make_back_filled, make_stalled, stalled
from tests.unit.benchmarks.report.plots.drawn import assert_readable, texts

STALL = Stall(start_ms=500, end_ms=900)
CACHED = [1.2] * 80 + [50.5] * 20


def simulated(seed: int = 1) -> list[Served]:
    return stalled(rate_per_s=200, seconds=3, work_ms=0.6, stall=STALL, seed=seed)


@cache
def back_filled() -> Figure:
    return make_back_filled(CACHED, whose="reads")


def test_requests_are_due_at_a_steady_rate_whatever_happens() -> None:
    served = simulated()

    assert len(served) == 600
    assert [each.due_ms for each in served[:3]] == pytest.approx([0, 5, 10])


def test_the_same_seed_gives_the_same_requests_and_another_one_does_not() -> None:
    assert simulated() == simulated()
    assert simulated(2) != simulated()


def test_from_the_send_the_tail_is_short_and_from_when_it_was_due_it_is_not() -> None:
    rows = {row[0]: [float(cell) for cell in row[1:]] for row in _stalled_rows()}

    assert rows["99"][0] < 3
    assert rows["99"][1] > 300
    assert rows["50"][0] == pytest.approx(rows["50"][1], rel=0.1)


def _stalled_rows() -> list[list[str]]:
    return [[*row] for row in make_stalled(simulated(), STALL).table.rows]


def test_the_picture_says_that_it_is_simulated_and_how_many_waited() -> None:
    served = simulated()
    waited = sum(each.since_due_ms > 200 for each in served)
    figure = make_stalled(served, STALL)

    assert figure.caption.startswith("Simulated")
    assert f"{waited} of them for more than half of the stall" in figure.caption
    assert {"counted from the send", "counted from when it was due"} <= {*texts(figure)}
    assert_readable(figure)


def test_what_wrk_makes_up_stands_beside_what_was_recorded() -> None:
    figure = back_filled()
    rows = {row[0]: row[1:] for row in figure.table.rows}

    assert rows["mean"] == ["11.06", "17.555"]
    assert rows["50"][0] == "1.2"
    assert "Recorded: reads, 100 requests on one connection." in figure.caption
    assert "adds 60 requests" in figure.caption
    assert_readable(figure)


def test_percentiles_that_nothing_lies_beyond_have_no_tick() -> None:
    assert "99.9" not in texts(back_filled())


def test_the_same_times_give_the_same_bytes() -> None:
    assert make_back_filled(CACHED, whose="reads") == back_filled()
