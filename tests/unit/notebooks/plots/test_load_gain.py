import pytest

from benchmarks.analysis.claims.claim import SEED_MODEL
from notebooks.lib.plots.load_gain import gain_at, make, services
from tests.unit.benchmarks.report.plots.drawn import assert_readable, texts

FIGURE = make(SEED_MODEL, 0.8, whose="the tutorial's numbers")


def test_the_gain_of_an_idle_server_is_that_of_the_means_and_then_grows() -> None:
    gains = [gain_at(SEED_MODEL, 0.8, load) for load in (0.0, 0.1, 0.5, 0.8, 0.95)]

    assert gains == pytest.approx([4.63, 4.67, 5.5, 9.6, 31.3], rel=0.005)


@pytest.mark.parametrize("load", [1.0, 1.5, 4.0, 9.0])
def test_beyond_the_uncached_capacity_there_is_no_gain_to_speak_of(load: float) -> None:
    assert gain_at(SEED_MODEL, 0.8, load) is None


def test_the_capacity_gain_is_the_ratio_of_the_means() -> None:
    works = services(SEED_MODEL, 0.8)

    assert works["uncached"].mean_ms / works["cached"].mean_ms == pytest.approx(250 / 54)
    assert "The cached one carries 4.63x as much" in FIGURE.caption


def test_an_overloaded_server_has_no_number_in_the_table() -> None:
    rows = {row[0]: row[1:] for row in FIGURE.table.rows}

    assert rows["50%"] == ["75.0", "13.6", "5.51x"]
    assert rows["150%"] == ["grows without end", "21.9", "-"]


def test_both_curves_are_named_and_readable() -> None:
    assert {"uncached", "cached"} <= {*texts(FIGURE)}
    assert "Computed, not measured, with the tutorial's numbers" in FIGURE.caption
    assert_readable(FIGURE)


def test_the_same_numbers_give_the_same_bytes() -> None:
    assert make(SEED_MODEL, 0.8, whose="the tutorial's numbers") == FIGURE
