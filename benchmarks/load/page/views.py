"""The views that Flask serves: the page, its routes, and our tab in Locust's own pages.

It knows neither Locust nor where the figures come from.
"""

import base64
import hashlib
import sys
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path
from threading import Lock
from typing import Any

from flask import Blueprint, Flask, Response, json, jsonify, request
from markupsafe import Markup
from prometheus_client import CONTENT_TYPE_LATEST

from benchmarks.load.metrics import MetricsStore
from benchmarks.load.page.data import exposition, shown
from benchmarks.load.page.flag import Annotations, CacheFlag, Switch
from benchmarks.load.page.summary import summary, summary_csv
from benchmarks.report.html.parts import templates
from benchmarks.report.tones import variables

View = Callable[[], Response]
_HERE = Path(__file__).parent
_SCRIPTS = ("figures.js", "charts.js", "panels.js", "page.js")
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


@dataclass(frozen=True, slots=True)
class Progress:
    """The state of the run: Locust's word for it, its users and workers, their scenario.

    ``workers`` is None where one process does it all; ``until`` is the first second that is still
    filling.
    """

    state: str
    users: int
    workers: int | None
    until: int
    workload: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingSource:
    """The sources of the page."""

    metrics: Callable[[], MetricsStore]
    progress: Callable[[], Progress]
    variants: Sequence[str]
    annotations: Annotations
    switch: Switch


def blueprint(source: ReadingSource, *, guard: Callable[[View], View]) -> Blueprint:
    """Return ``/fivefold`` and what is below it; ``guard`` lets people in."""
    made = document()
    routes = Blueprint("fivefold", __name__)
    # One question at a time, so that no answer from before a flip is seen after it.
    in_turn = Lock()

    def page() -> Response:
        answer = Response(made.html, mimetype="text/html")
        answer.headers["Content-Security-Policy"] = made.policy
        return answer

    def data() -> Response:
        return jsonify(_data(source, request.args.get("since", 0, type=int)))

    def read_flag() -> Response:
        with in_turn:
            return _seen(source, source.switch.read())

    def flip_flag() -> Response:
        body = request.get_json(silent=True)
        enabled = body.get("enabled") if isinstance(body, dict) else None
        if not isinstance(enabled, bool):
            return _refused('The body is {"enabled": true} or false.')
        with in_turn:
            asked = source.annotations.elapsed_s()
            return _seen(source, source.switch.flip(enabled=enabled), asked)

    routes.add_url_rule("/fivefold", "page", guard(page))
    routes.add_url_rule("/fivefold/data", "data", guard(data))
    routes.add_url_rule("/fivefold/metrics", "metrics", guard(lambda: _exposed(source)))
    routes.add_url_rule("/fivefold/summary.csv", "summary", guard(lambda: _download(source)))
    routes.add_url_rule("/fivefold/flag", "flag", guard(read_flag))
    routes.add_url_rule("/fivefold/flag", "flip", guard(flip_flag), methods=["POST"])
    routes.after_request(_careful)
    return routes


def _data(source: ReadingSource, since: int) -> dict[str, Any]:
    annotations, progress = source.annotations, source.progress()
    flips = [asdict(flip) for flip in annotations.flips]
    more = asdict(progress) | {"generation": annotations.generation, "flips": flips}
    return _found(source, progress, since) | more | {"summary": _summary(source)}


def _summary(source: ReadingSource) -> Mapping[str, Any] | None:
    """Return the summary of the load that ended last, None while one runs."""
    seconds = source.annotations.seconds
    if seconds is None:
        return None
    return summary(source.metrics(), variants=source.variants, seconds=seconds)


def _download(source: ReadingSource) -> Response:
    made = _summary(source)
    if made is None:
        message = "No load has ended since the last start or reset."
        return Response(message, HTTPStatus.NOT_FOUND, mimetype="text/plain")
    text = summary_csv(made, workload=source.progress().workload)
    answer = Response(text, mimetype="text/csv")
    answer.headers["Content-Disposition"] = "attachment; filename=fivefold-load.csv"
    return answer


def _found(source: ReadingSource, progress: Progress, since: int) -> dict[str, Any]:
    return shown(
        source.metrics(),
        since=since,
        variants=source.variants,
        until=progress.until,
        pairs_from=source.annotations.pairs_from,
    )


def _exposed(source: ReadingSource) -> Response:
    progress = source.progress()
    text = exposition(_found(source, progress, sys.maxsize), users=progress.users)
    return Response(text, content_type=CONTENT_TYPE_LATEST)


def _seen(source: ReadingSource, flag: CacheFlag, asked: float | None = None) -> Response:
    """Return the flag; a refusal of the service is not one of ours, so its words are the answer."""
    if flag.enabled is not None:
        source.annotations.see(enabled=flag.enabled, asked=asked)
    return jsonify(asdict(flag))


def _refused(message: str) -> Response:
    answer = jsonify(asdict(CacheFlag(usable=True, message=message)))
    answer.status_code = HTTPStatus.BAD_REQUEST
    return answer


def _careful(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


@dataclass(frozen=True, slots=True)
class Document:
    """The HTML and its Content-Security-Policy."""

    html: str
    policy: str


def document() -> Document:
    """Return the page, made from the files of this package."""
    css = variables() + _text("page.css")
    script = "\n".join(_text(name) for name in _SCRIPTS)
    # Both are files of this package, not values of a run.
    css_text, script_text = Markup(css), Markup(script)  # noqa: S704
    html = templates(_HERE).get_template("page.html").render(css=css_text, script=script_text)
    return Document(html, _policy(css, script))


def _text(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _policy(css: str, script: str) -> str:
    return "; ".join(
        [
            "default-src 'none'",
            f"style-src '{_digest(css)}'",
            f"script-src '{_digest(script)}'",
            "connect-src 'self'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'self'",
        ]
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


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
