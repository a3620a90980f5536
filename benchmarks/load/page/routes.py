"""Put the page into a Locust process; importing this imports Locust."""

import sys
from collections.abc import Collection
from typing import Any

from flask import Response, request
from locust import User
from locust.env import Environment
from locust.runners import STATE_RUNNING, STATE_SPAWNING, MasterRunner

from benchmarks.load.locust.options import SERVICE
from benchmarks.load.locust.process import process_of
from benchmarks.load.page.flag import Annotations, Switch
from benchmarks.load.page.guard import OwnPages, refused_form
from benchmarks.load.page.views import Progress, ReadingSource, add_link, blueprint

_LATE_S = 2
"""Seconds that the reports of workers are behind: they send one a second."""


def add_page(environment: Environment, *, admin_token: str | None, names: Collection[str]) -> None:
    """Serve the page, its data and its switch below the UI's base path, with a link in the UI.

    The token goes to the service that the command line named, wherever a form says that the load
    is to go. ``names`` are those of this machine under which browsers may ask, beside
    ``localhost`` and addresses. Only for an environment with a web UI.
    """
    web_ui = environment.web_ui
    if web_ui is None or web_ui.app is None:
        raise ValueError("a page needs a process with a web UI")
    targets = dict(process_of(environment).targets)
    source = ReadingSource(
        metrics=lambda: process_of(environment).metrics,
        progress=lambda: _progress(environment),
        variants=list(targets),
        annotations=Annotations(lambda: _elapsed_s(environment) if _runs(environment) else None),
        switch=Switch(targets.get("cached") or targets.get(SERVICE), admin_token),
    )
    events: Any = environment.events  # whose methods have no types
    for event in (events.test_start, events.reset_stats):
        event.add_listener(lambda **_: source.annotations.begin())
    events.test_stopping.add_listener(lambda **_: source.annotations.end())
    # Where Locust's own routes are, so that --web-base-path holds for ours.
    prefix = web_ui.app.blueprints["locust"].url_prefix or ""
    routes = blueprint(source, guard=web_ui.auth_required_if_enabled)
    web_ui.app.register_blueprint(routes, url_prefix=prefix or None)
    app: Any = web_ui.app
    add_link(app, prefix)
    app.before_request(lambda: _refused_form(environment))
    app.wsgi_app = OwnPages(app.wsgi_app, names)
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


def _refused_form(environment: Environment) -> Response | None:
    return refused_form(environment.host) if request.endpoint == "locust.swarm" else None


def _elapsed_s(environment: Environment) -> float:
    return process_of(environment).clock.elapsed_s()


def _runs(environment: Environment) -> bool:
    return getattr(environment.runner, "state", "") in {STATE_SPAWNING, STATE_RUNNING}


def _progress(environment: Environment) -> Progress:
    runner = environment.runner
    if runner is None:
        return Progress(state="missing", users=0, workers=None, until=0)
    workers = runner.worker_count if isinstance(runner, MasterRunner) else None
    until = int(_elapsed_s(environment)) - (0 if workers is None else _LATE_S)
    return Progress(
        state=runner.state,
        users=runner.user_count,
        workers=workers,
        until=until if _runs(environment) else sys.maxsize,
        workload=" ".join(
            f"{each.__name__}: {(each.__doc__ or '').partition(chr(10))[0]}"
            for each in environment.user_classes
        ),
    )
