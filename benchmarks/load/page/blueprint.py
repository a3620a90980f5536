"""The routes of the page; they know neither Locust nor where its figures come from."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST

from benchmarks.load.live import RecordedMetrics, shown
from benchmarks.load.page.annotations import Annotations
from benchmarks.load.page.document import document
from benchmarks.load.page.exposition import exposition
from benchmarks.load.page.switch import CacheFlag, Switch

View = Callable[[], Response]


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the run is: Locust's word for it, who takes part, the first second still filling.

    ``workers`` is None where one process does it all.
    """

    state: str
    users: int
    workers: int | None
    until: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingSource:
    """What the page is a view of."""

    metrics: Callable[[], RecordedMetrics]
    progress: Callable[[], Progress]
    variants: Callable[[], Sequence[str]]
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
        if not _same_origin():
            return _refused(HTTPStatus.FORBIDDEN, "Only the page itself may flip the flag.")
        body = request.get_json(silent=True)
        enabled = body.get("enabled") if isinstance(body, dict) else None
        if not isinstance(enabled, bool):
            return _refused(HTTPStatus.BAD_REQUEST, 'The body is {"enabled": true} or false.')
        with in_turn:
            asked = source.annotations.elapsed_s()
            return _seen(source, source.switch.flip(enabled=enabled), asked)

    routes.add_url_rule("/fivefold", "page", guard(page))
    routes.add_url_rule("/fivefold/data", "data", guard(data))
    routes.add_url_rule("/fivefold/metrics", "metrics", guard(lambda: _exposed(source)))
    routes.add_url_rule("/fivefold/flag", "flag", guard(read_flag))
    routes.add_url_rule("/fivefold/flag", "flip", guard(flip_flag), methods=["POST"])
    routes.after_request(_careful)
    return routes


def _data(source: ReadingSource, since: int) -> dict[str, Any]:
    annotations, progress = source.annotations, source.progress()
    flips = [asdict(flip) for flip in annotations.flips]
    more = asdict(progress) | {"generation": annotations.generation, "flips": flips}
    return _found(source, progress, since) | more


def _found(source: ReadingSource, progress: Progress, since: int) -> dict[str, Any]:
    return shown(
        source.metrics(),
        since=since,
        variants=source.variants(),
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


def _refused(status: HTTPStatus, message: str) -> Response:
    answer = jsonify(asdict(CacheFlag(usable=True, message=message)))
    answer.status_code = status
    return answer


def _same_origin() -> bool:
    """Tell whether a page of this server asks; Locust lets pages from everywhere read."""
    return bool(request.origin) and urlsplit(request.origin).netloc == request.host


def _careful(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
