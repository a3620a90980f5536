from collections.abc import Callable

import pytest

from benchmarks.report.figures import lifetime, percent, significant, size, wish


@pytest.mark.parametrize(
    ("format_", "texts"),
    [
        (percent, {
            0: "0 %", 0.5: "50 %", 0.8163: "81.6 %", 1: "100 %", 0.9999: "99.99 %",
            0.0001: "0.01 %", 0.1: "10 %",
        }),
        (lifetime, {
            0.5: "0.5 seconds", 42: "42 seconds", 90: "90 seconds", 300: "5 minutes",
            7200: "2 hours", 864_000: "10 days",
        }),
        (size, {500: "500 bytes", 2048: "2 KiB", 7_654_321: "7.3 MiB", 3 << 30: "3 GiB"}),
        (wish, {5: "5x", 2.5: "2.5x", 4.63: "4.63x"}),
    ],
)  # fmt: skip
def test_shares_spans_of_time_bytes_and_wishes_are_written_as_people_do(
    format_: Callable[[float], str], texts: dict[float, str]
) -> None:
    assert {number: format_(number) for number in texts} == texts


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(6000.0, 3, "6000"), (12_345.6, 3, "12300"), (0.0000123, 2, "0.000012"), (5.0, 3, "5")],
)
def test_a_number_has_no_exponent(value: float, digits: int, text: str) -> None:
    assert significant(value, digits) == text
