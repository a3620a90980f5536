"""Put the page into a Locust process; importing this imports Locust."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from http import HTTPStatus
from pathlib import Path
from threading import Lock
from typing import Any

from flask import Blueprint, Response, jsonify, request
from locust import User
from locust.env import Environment
from locust.runners import STATE_RUNNING, STATE_SPAWNING, MasterRunner
from prometheus_client import CONTENT_TYPE_LATEST

from benchmarks.load.locust.options import SERVICE
from benchmarks.load.locust.process import LocustProcess
from benchmarks.load.page.data import exposition, shown, summary, summary_csv
from benchmarks.load.page.flag import Annotations, CacheFlag, Switch
from benchmarks.load.page.guard import OwnPages, refused_form
from benchmarks.report.tones import variables

View = Callable[[], Response]
_LATE_S = 2
"""Seconds that the reports of workers are behind: they send one a second."""
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


def add_page(process: LocustProcess) -> None:
    """Serve the page, its data and its switch below the UI's base path, with a link in the UI.

    The token goes to the service that the command line named, wherever a form says that the load
    is to go. Only for a process with a web UI.
    """
    environment, options = process.environment, process.options
    web_ui = environment.web_ui
    if web_ui is None or web_ui.app is None:
        raise ValueError("a page needs a process with a web UI")
    page = LivePage(process)
    # Where Locust's own routes are, so that --web-base-path holds for ours.
    prefix = web_ui.app.blueprints["locust"].url_prefix or ""
    routes = page.routes(web_ui.auth_required_if_enabled)
    web_ui.app.register_blueprint(routes, url_prefix=prefix or None)

    def link_to_it(answer: Response) -> Response:
        if request.path == f"{prefix}/" and answer.mimetype == "text/html":
            html = answer.get_data(as_text=True)
            answer.set_data(html.replace("</body>", f"{_LINK}</body>", 1))
        return answer

    app: Any = web_ui.app
    app.after_request(link_to_it)
    app.before_request(
        lambda: refused_form(environment.host) if request.endpoint == "locust.swarm" else None
    )
    names = {options.web_host, *(name.strip() for name in options.web_names.split(","))}
    app.wsgi_app = OwnPages(app.wsgi_app, names - {""})
    _tick_chosen(environment, web_ui)


def _tick_chosen(environment: Environment, web_ui: Any) -> None:
    """Let Locust's class picker have ticked what runs; Locust ticks all classes, and means all.

    A form that names no class, as that of the page, changes none.
    """
    show, update = web_ui.update_template_args, web_ui._update_user_classes  # noqa: SLF001

    def show_chosen() -> None:
        show()
        chosen = [each.__name__ for each in environment.user_classes]
        users = web_ui.template_args["users"] or {}
        # The picker has a line for each of these, and shows few of them at once.
        first = {name: users[name] for name in chosen if name in users}
        web_ui.template_args |= {"available_user_classes": chosen, "users": first | users}

    def update_named(classes: dict[str, type[User]]) -> None:
        if request.form.getlist("user_classes"):
            update(classes)

    web_ui.app.jinja_env.policies["json.dumps_kwargs"] = {"sort_keys": False}
    web_ui.update_template_args = show_chosen
    web_ui._update_user_classes = update_named  # noqa: SLF001 - the form has no other place


class LivePage:
    """The page of one process, with what happened since the run began and the switch."""

    def __init__(self, process: LocustProcess) -> None:
        self._process, self._environment = process, process.environment
        targets = dict(process.targets)
        self._variants = list(targets)
        cached = targets.get("cached") or targets.get(SERVICE)
        self._switch = Switch(cached, process.options.admin_token or None)
        # One question at a time, so that no answer from before a flip is seen after it.
        self._in_turn = Lock()
        clock = process.clock
        self._annotations = Annotations(lambda: clock.elapsed_s() if self._runs else None)
        events: Any = self._environment.events  # whose methods have no types
        for event in (events.test_start, events.reset_stats):
            event.add_listener(lambda **_: self._annotations.begin())
        events.test_stopping.add_listener(lambda **_: self._annotations.end())

    def routes(self, guard: Callable[[View], View]) -> Blueprint:
        """Return ``/fivefold`` and what is below it; ``guard`` lets people in."""
        routes = Blueprint("fivefold", __name__)

        def add(path: str, name: str, view: View, **more: Any) -> None:
            routes.add_url_rule(f"/fivefold{path}", name, guard(view), **more)

        def add_text(path: str, name: str, text: str, kind: str) -> None:
            add(path, name, lambda: Response(text, mimetype=kind))

        add_text("", "page", _text("page.html"), "text/html")
        add_text("/page.css", "style", variables() + _text("page.css"), "text/css")
        add_text("/page.js", "script", "\n".join(map(_text, _SCRIPTS)), "text/javascript")
        add("/data", "data", self._data)
        add("/metrics", "metrics", self._exposed)
        add("/summary.csv", "summary", self._download)
        add("/flag", "flag", self._read_flag)
        add("/flag", "flip", self._flip_flag, methods=["POST"])
        routes.after_request(_careful)
        return routes

    @property
    def _runs(self) -> bool:
        runner = self._environment.runner
        return runner is not None and runner.state in {STATE_SPAWNING, STATE_RUNNING}

    @property
    def _workers(self) -> int | None:
        """Return how many workers there are, None where one process does it all."""
        runner = self._environment.runner
        return runner.worker_count if isinstance(runner, MasterRunner) else None

    @property
    def _workload(self) -> str:
        return " ".join(
            f"{each.__name__}: {(each.__doc__ or '').partition(chr(10))[0]}"
            for each in self._environment.user_classes
        )

    @property
    def _users(self) -> int:
        return self._environment.runner.user_count if self._environment.runner else 0

    def _data(self) -> Response:
        runner, annotations = self._environment.runner, self._annotations
        return jsonify(
            self._shown(request.args.get("since", 0, type=int))
            | {
                "state": runner.state if runner else "missing",
                "users": self._users,
                "workers": self._workers,
                "workload": self._workload,
                "generation": annotations.generation,
                "flips": [asdict(flip) for flip in annotations.flips],
                "summary": self._summary(),
            }
        )

    def _shown(self, since: int) -> dict[str, Any]:
        late_s = 0 if self._workers is None else _LATE_S
        return shown(
            self._process.metrics,
            since=since,
            variants=self._variants,
            until=int(self._process.clock.elapsed_s()) - late_s if self._runs else sys.maxsize,
            pairs_from=self._annotations.pairs_from,
        )

    def _summary(self) -> Mapping[str, Any] | None:
        """Return the summary of the load that ended last, None while one runs."""
        seconds = self._annotations.seconds
        if seconds is None:
            return None
        return summary(self._process.metrics, variants=self._variants, seconds=seconds)

    def _download(self) -> Response:
        made = self._summary()
        if made is None:
            message = "No load has ended since the last start or reset."
            return Response(message, HTTPStatus.NOT_FOUND, mimetype="text/plain")
        answer = Response(summary_csv(made, workload=self._workload), mimetype="text/csv")
        answer.headers["Content-Disposition"] = "attachment; filename=fivefold-load.csv"
        return answer

    def _exposed(self) -> Response:
        text = exposition(self._shown(sys.maxsize), users=self._users)
        return Response(text, content_type=CONTENT_TYPE_LATEST)

    def _read_flag(self) -> Response:
        with self._in_turn:
            return self._seen(self._switch.read())

    def _flip_flag(self) -> Response:
        body = request.get_json(silent=True)
        enabled = body.get("enabled") if isinstance(body, dict) else None
        if not isinstance(enabled, bool):
            message = 'The body is {"enabled": true} or false.'
            answer = jsonify(asdict(CacheFlag(usable=True, message=message)))
            answer.status_code = HTTPStatus.BAD_REQUEST
            return answer
        with self._in_turn:
            asked = self._annotations.elapsed_s()
            return self._seen(self._switch.flip(enabled=enabled), asked)

    def _seen(self, flag: CacheFlag, asked: float | None = None) -> Response:
        """Return the flag; also where the service refuses, its words are the answer."""
        if flag.enabled is not None:
            self._annotations.see(enabled=flag.enabled, asked=asked)
        return jsonify(asdict(flag))


def _careful(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = _POLICY
    return answer


def _text(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")
