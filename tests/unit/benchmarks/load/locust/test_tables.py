"""Locust's tables tell a hit of half a millisecond from one of a whole."""

from functools import cache
from typing import Any

from tests.unit.benchmarks.load.locust.inside import inside

CODE = """
import csv, io
from locust import stats
from locust.env import Environment
from benchmarks.load.locust.tables import show_three_digits, three_digits

show_three_digits()
environment = Environment()
environment.create_local_runner()
for time_ms in [0.5341] * 98 + [12.3456, 4567.8]:
    environment.stats.log_request("GET", "cached: list", time_ms, 100)
written = io.StringIO()
stats.StatsCSV(environment, stats.PERCENTILES_TO_REPORT).requests_csv(csv.writer(written))
entry = environment.stats.get("cached: list", "GET")
found = {
    "digits": [three_digits(x) for x in (0, 0.00012345, 0.5341, 9.996, 99.96, 1234.5)],
    "console": stats.get_stats_summary(environment.stats, current=False),
    "percentiles": stats.get_percentile_stats_summary(environment.stats),
    "csv": list(csv.DictReader(io.StringIO(written.getvalue())))[0],
    "ui": entry.to_dict(),
    "keys": sorted(entry.response_times),
}
"""


@cache
def _tables() -> Any:
    return inside(CODE)


def _bars(line: str) -> list[int]:
    return [place for place, letter in enumerate(line) if letter == "|"]


def test_a_time_keeps_three_significant_digits() -> None:
    assert _tables()["digits"] == [0.0, 0.000123, 0.534, 10.0, 100.0, 1230.0]
    assert _tables()["keys"] == [0.534, 12.3, 4570.0]


def test_the_console_shows_them_below_its_own_headers() -> None:
    header, _, row, *_ = _tables()["console"]

    assert row.split()[-8:-3] == ["|", "46.3", "0.534", "4570", "0.534"]
    assert _bars(row) == _bars(header)


def test_the_console_shows_percentiles_below_a_millisecond() -> None:
    row = _tables()["percentiles"][3].split()

    assert row[:3] == ["GET", "cached:", "list"]
    assert row[3:9] == ["0.534"] * 6
    assert row[-2:] == ["4570", "100"]


def test_the_csv_file_does_not_cut_percentiles_to_whole_milliseconds() -> None:
    row = _tables()["csv"]

    assert (row["50%"], row["95%"], row["100%"]) == ("0.534", "0.534", "4570.0")
    assert row["Median Response Time"] == "0.5341"


def test_the_web_ui_and_the_html_report_get_them_too() -> None:
    row = _tables()["ui"]

    assert (row["min_response_time"], row["max_response_time"]) == (0.534, 4570.0)
    assert row["response_time_percentile_0.95"] == 0.534
