import pytest

from benchmarks.report.figures import bounds, ms, span_ms, times


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (0.4, "0.40"),
        (9.994, "9.99"),
        (54.32, "54.3"),
        (250.4, "250"),
        (1234.5, "1234"),
    ],
)
def test_milliseconds_have_the_digits_a_reader_can_use(value: float | None, text: str) -> None:
    assert ms(value) == text


def test_a_figure_without_an_interval_says_so() -> None:
    assert span_ms(None) == "-"
    assert bounds(None) == "[-]"
    assert bounds({"low": None, "high": None}) == "[-]"


def test_a_ratio_comes_with_its_bounds() -> None:
    assert f"{times(4.6296)} {bounds({'low': 4.5, 'high': 4.754})}" == "4.63x [4.50, 4.75]"
