"""The views that Flask serves: the page, its routes, and the link to it in Locust's own page.

It knows neither Locust nor where the figures come from.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path
from threading import Lock
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST

from benchmarks.load.metrics import MetricsStore
from benchmarks.load.page.data import exposition, shown
from benchmarks.load.page.flag import Annotations, CacheFlag, Switch
from benchmarks.load.page.summary import summary, summary_csv
from benchmarks.report.tones import variables

View = Callable[[], Response]
_HERE = Path(__file__).parent
_SCRIPTS = ("figures.js", "charts.js", "panels.js", "page.js")
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
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
    html, script = _text("page.html"), "\n".join(map(_text, _SCRIPTS))
    style = variables() + _text("page.css")
    routes = Blueprint("fivefold", __name__)
    # One question at a time, so that no answer from before a flip is seen after it.
    in_turn = Lock()

    def sent(text: str, kind: str) -> View:
        return guard(lambda: Response(text, mimetype=kind))

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

    routes.add_url_rule("/fivefold", "page", sent(html, "text/html"))
    routes.add_url_rule("/fivefold/page.css", "style", sent(style, "text/css"))
    routes.add_url_rule("/fivefold/page.js", "script", sent(script, "text/javascript"))
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
    answer.headers["Content-Security-Policy"] = _POLICY
    return answer


def _text(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def add_link(app: Flask, prefix: str) -> None:
    """Let the start page of the UI that is served below ``prefix`` lead to ours."""

    def extend(answer: Response) -> Response:
        if request.path == f"{prefix}/" and answer.mimetype == "text/html":
            html = answer.get_data(as_text=True)
            answer.set_data(html.replace("</body>", f"{_LINK}</body>", 1))
        return answer

    app.after_request(extend)
