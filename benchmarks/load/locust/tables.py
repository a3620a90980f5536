"""Three significant digits in Locust's own tables, which know whole milliseconds only.

A cache hit of 0.5 ms would be a 0 or a 1 there. The web UI and the HTML report round the median
and the average to two decimals in the browser; that is left as it is.
"""

from math import floor, log10
from typing import Any

from locust import stats
from locust.stats import StatsCSV, StatsEntry

_DIGITS = 3


def three_digits(value: float, digits: int | None = None) -> float:
    """Return a time in ms with three significant digits; ``digits`` is ignored."""
    del digits
    if not value:
        return 0.0
    return round(value, _DIGITS - 1 - floor(log10(abs(value))))


def show_three_digits() -> None:
    """Make every table of this process show and keep three significant digits.

    Locust means its histogram's buckets to be replaced; for what it prints of them there is no
    such place, so four of its functions are replaced as well.
    """
    module: Any = stats
    module.bucket_response_time = module.proper_round = three_digits
    entry: Any = StatsEntry
    entry.to_string, entry.percentile = _row, _percentiles
    writer: Any = StatsCSV
    writer._percentile_fields = _csv_percentiles  # noqa: SLF001 - it has no other place


def shown(value: float | None) -> str:
    """Return a time in ms as text, at most seven characters wide below a day."""
    rounded = three_digits(value or 0.0)
    return f"{rounded:.0f}" if rounded >= 10**_DIGITS else f"{rounded:.{_DIGITS}g}"


def _row(entry: StatsEntry, current: bool = True) -> str:  # noqa: FBT001, FBT002 - Locust's
    """Return the row of the console table, laid out as Locust's own header has it."""
    rps = entry.current_rps if current else entry.total_rps
    failures = entry.current_fail_per_sec if current else entry.total_fail_per_sec
    kind, width = entry.method or "", stats.STATS_NAME_WIDTH - stats.STATS_TYPE_WIDTH + 4
    times = (
        entry.avg_response_time,
        entry.min_response_time,
        entry.max_response_time,
        entry.median_response_time,
    )
    average, least, most, median = (shown(value) for value in times)
    failed = f"{entry.num_failures}({100 * entry.fail_ratio:.2f}%)"
    return (
        f"{kind:<{stats.STATS_TYPE_WIDTH}} {entry.name:<{width}} {entry.num_requests:7d} "
        f"{failed:>12} |{average:>7} {least:>7} {most:>7}{median:>7} | {rps:7.2f} {failures:11.2f}"
    )


def _percentiles(entry: StatsEntry) -> str:
    """Return the row of the console's table of percentiles."""
    if not entry.num_requests:
        raise ValueError("Can't calculate percentile on url with no successful requests")
    found = (entry.get_response_time_percentile(one) for one in stats.PERCENTILES_TO_REPORT)
    columns = " ".join(f"{shown(value):>6}" for value in found)
    kind, width = entry.method or "", stats.STATS_NAME_WIDTH
    return (
        f"{kind:<{stats.STATS_TYPE_WIDTH}} {entry.name:<{width}} {columns:>8} "
        f"{entry.num_requests:>6}"
    )


def _csv_percentiles(writer: StatsCSV, entry: StatsEntry, use_current: bool = False) -> list[Any]:  # noqa: FBT001, FBT002 - Locust's
    """Return the percentile columns of the CSV files."""
    if not entry.num_requests:
        return writer.percentiles_na
    current = use_current and entry.use_response_times_cache
    find = (
        entry.get_current_response_time_percentile
        if current
        else entry.get_response_time_percentile
    )
    return [find(percentile) or 0 for percentile in writer.percentiles_to_report]
