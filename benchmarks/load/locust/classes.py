"""Which user classes run where nobody names them."""

import logging
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from locust import User
from locust.env import Environment

from benchmarks.load.locust.open_loop import OpenLoop
from benchmarks.load.locust.users import ReadMostly, ScenarioUser

_logger = logging.getLogger(__name__)
UserClasses = Sequence[type[User]]


def choose(environment: Environment) -> None:
    """Reduce the user classes to those that are meant. Ends the process if there are none.

    Named ones are. Otherwise it is the one of ``--scenario``, or all that ``--tags`` leave, or
    ``ReadMostly``: all of them at once would be a workload that nobody asked for.
    """
    options: Any = environment.parsed_options
    chosen = list(environment.user_classes)
    if not options.user_classes:
        chosen = _by_default(chosen, options)
    chosen = [one for one in chosen if _left_by_tags(one, options)]
    if not chosen:
        _logger.error("No user class is left by --scenario, --tags and --exclude-tags")
        sys.exit(1)
    environment.user_classes[:] = chosen


def picked(classes: dict[str, type[User]], available: Iterable[str]) -> dict[str, type[User]]:
    """Return what a form with a class picker means: it has all of them ticked to begin with."""
    if set(classes) != set(available):
        return classes
    _logger.info("All user classes are ticked, as they are to begin with: %s", ReadMostly.__name__)
    return {ReadMostly.__name__: ReadMostly}


def _by_default(classes: UserClasses, options: Any) -> list[type[User]]:
    if options.scenario:
        return [
            one
            for one in classes
            if issubclass(one, ScenarioUser)
            and not issubclass(one, OpenLoop)
            and one.scenario.name == options.scenario
        ]
    if options.tags or options.exclude_tags:
        return [one for one in classes if not issubclass(one, OpenLoop)]
    return [one for one in classes if one is ReadMostly]


def _left_by_tags(user_class: type[User], options: Any) -> bool:
    """Tell whether a class keeps a task; Locust would spawn it anyway, only to see it fail."""
    tags: set[str] = set().union(
        *(getattr(task, "locust_tag_set", set()) for task in user_class.tasks)
    )
    wanted, unwanted = set(options.tags or ()), set(options.exclude_tags or ())
    return (not wanted or bool(tags & wanted)) and not tags & unwanted
