"""Which user classes run: those that are named, or one that is a usual web application."""

from functools import cache
from typing import Any

import pytest

from tests.unit.benchmarks.load.locust.inside import inside

CODE = """
from types import SimpleNamespace
from locust.env import Environment
from benchmarks import locustfile
from benchmarks.load.locust.classes import choose, picked
from benchmarks.scenarios import LOAD_SCENARIOS, LOADABLE

classes = {name: getattr(locustfile, name) for name in locustfile.__all__}

def chosen(named=(), tags=None, exclude_tags=None, scenario=""):
    environment = Environment(user_classes=[classes[name] for name in named or classes])
    environment.parsed_options = SimpleNamespace(
        user_classes=list(named), tags=tags, exclude_tags=exclude_tags, scenario=scenario
    )
    try:
        choose(environment)
    except SystemExit as end:
        return end.code
    return sorted(one.__name__ for one in environment.user_classes)

some = {name: classes[name] for name in ("HotKey", "SignIn")}
closed = [one for name, one in classes.items() if name != "OpenLoop"]
found = {
    "nothing": chosen(),
    "named": chosen(["OpenLoop", "UpdateHeavy"]),
    "named, scenario": chosen(["OpenLoop"], scenario="zipf"),
    "session": chosen(scenario="session"),
    "hot-key": chosen(scenario="hot-key"),
    "hits": chosen(scenario="hits"),
    "tags auth": chosen(tags=["auth"]),
    "tags seed": chosen(tags=["seed"]),
    "without": chosen(exclude_tags=["writes", "auth"]),
    "named, tags": chosen(["ReadZipf", "Updates"], tags=["writes"]),
    "nobody": chosen(["ReadZipf"], tags=["auth"]),
    "all ticked": sorted(picked(classes, classes)),
    "some ticked": sorted(picked(some, classes)),
    "the same": all(one.scenario is LOAD_SCENARIOS[one.scenario.name] for one in closed),
    "all": sorted(one.scenario.name for one in closed) == sorted(LOADABLE),
    "documented": all(one.__doc__ for one in closed),
}
"""


@cache
def _found() -> Any:
    return inside(CODE)


def test_without_a_name_it_is_the_usual_web_application() -> None:
    assert _found()["nothing"] == ["ReadMostly"]


def test_named_classes_run_also_if_a_scenario_is_named() -> None:
    assert _found()["named"] == ["OpenLoop", "UpdateHeavy"]
    assert _found()["named, scenario"] == ["OpenLoop"]


@pytest.mark.parametrize(
    ("scenario", "name"),
    [("session", "FiveRequests"), ("hot-key", "HotKey"), ("hits", "WarmReads")],
)
def test_a_scenario_runs_its_class(scenario: str, name: str) -> None:
    assert _found()[scenario] == [name]


def test_tags_choose_among_all_classes_but_the_open_loop() -> None:
    assert _found()["tags auth"] == ["LimitBurst", "SignIn"]
    assert _found()["tags seed"] == ["FiveRequests"]
    assert _found()["without"] == ["FiveRequests", "ReadUniform", "ReadZipf", "WarmReads"]


def test_a_named_class_without_a_task_left_is_not_spawned() -> None:
    assert _found()["named, tags"] == ["Updates"]
    assert _found()["nobody"] == 1


def test_a_form_in_which_nobody_unticked_anything_means_the_default() -> None:
    assert _found()["all ticked"] == ["ReadMostly"]
    assert _found()["some ticked"] == ["HotKey", "SignIn"]


def test_every_scenario_that_needs_no_other_service_has_a_class_and_is_drawn_from_it() -> None:
    assert _found()["the same"]
    assert _found()["all"]
    assert _found()["documented"]
