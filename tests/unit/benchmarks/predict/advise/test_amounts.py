import pytest

from benchmarks.predict.advise.amounts import lifetime, percent, size, wish


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0 %"), (0.5, "50 %"), (0.8163, "81.6 %"), (1, "100 %"), (0.9999, "99.99 %"),
     (0.0001, "0.01 %"), (0.1, "10 %")],
)  # fmt: skip
def test_shares(share: float, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.5, "0.5 seconds"), (42, "42 seconds"), (90, "90 seconds"), (300, "5 minutes"),
     (7200, "2 hours"), (864_000, "10 days")],
)  # fmt: skip
def test_spans_of_time(seconds: float, text: str) -> None:
    assert lifetime(seconds) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(500, "500 bytes"), (2048, "2 KiB"), (7_654_321, "7.3 MiB"), (3 << 30, "3 GiB")],
)
def test_bytes(number: float, text: str) -> None:
    assert size(number) == text


@pytest.mark.parametrize(("speedup", "text"), [(5, "5x"), (2.5, "2.5x"), (4.63, "4.63x")])
def test_wishes(speedup: float, text: str) -> None:
    assert wish(speedup) == text
