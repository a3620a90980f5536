"""What Locust's own UI shows of us: a tab with the totals, and the way to the page."""

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import Any

from flask import Flask, Response, json, request

KEY = "fivefold"
_MOST_ROWS = 100
_MS_DIGITS = 3
_COLUMNS = {
    "name": "Variant: outcome",
    "requests": "# Requests",
    "share": "Share (%)",
    "mean_ms": "Mean (ms)",
    "p50_ms": "Median (ms)",
    "p95_ms": "95%ile (ms)",
    "p99_ms": "99%ile (ms)",
    "hit_ratio": "Hit ratio (%)",
}
_LINK = (
    '<a href="./fivefold" target="fivefold" style="position:fixed;left:16px;bottom:14px;'
    "z-index:10;padding:8px 18px;border-radius:20px;background:#005f94;"
    "color:#fff;font:600 14px/1.4 system-ui,sans-serif;text-decoration:none;white-space:nowrap;"
    'box-shadow:0 1px 6px rgba(0,0,0,.35)">fivefold: cached beside uncached, live</a>'
)


def add_tab(
    app: Flask,
    template_args: MutableMapping[str, Any],
    *,
    prefix: str,
    live: Callable[[], Mapping[str, Any]],
) -> None:
    """Put our table into the UI served below ``prefix``; ``live`` is what the page shows."""
    template_args["extended_tabs"] = [{"title": KEY, "key": KEY}]
    template_args["extended_tables"] = [
        {"key": KEY, "structure": [{"key": key, "title": title} for key, title in _COLUMNS.items()]}
    ]

    def extend(answer: Response) -> Response:
        if request.path == f"{prefix}/stats/requests" and answer.is_json:
            _add_rows(answer, rows(live()))
        elif request.path == f"{prefix}/" and answer.mimetype == "text/html":
            _add_link(answer)
        return answer

    app.after_request(extend)


def rows(live: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return the totals as Locust's tables take them: numbers, or nothing where there is none."""
    return [_row(total, live["hit_ratio"]) for total in live["totals"]][:_MOST_ROWS]


def _row(total: Mapping[str, Any], hit_ratios: Mapping[str, float | None]) -> dict[str, Any]:
    ratio = hit_ratios[total["variant"]] if total["outcome"] == "hit" else None
    return {
        "name": f"{total['variant']}: {total['outcome']}",
        "requests": total["requests"],
        "share": round(100 * total["share"], 1),
        **{key: _three_digits(total[key]) for key in ("mean_ms", "p50_ms", "p95_ms", "p99_ms")},
        "hit_ratio": None if ratio is None else round(100 * ratio, 1),
    }


def _three_digits(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.{_MS_DIGITS}g}")


def _add_rows(answer: Response, data: Sequence[Mapping[str, Any]]) -> None:
    report = answer.get_json()
    report["extended_stats"] = [{"key": KEY, "data": list(data)}]
    # Locust keeps and sends an answer again for two seconds: what is in it is set, not added.
    answer.set_data(json.dumps(report))


def _add_link(answer: Response) -> None:
    html = answer.get_data(as_text=True)
    answer.set_data(html.replace("</body>", f"{_LINK}</body>", 1))
