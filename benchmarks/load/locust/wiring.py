"""Put the parts of one Locust process together; the locustfile calls this once."""

import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gevent
from locust import User
from locust.env import Environment
from locust.runners import WorkerRunner

from benchmarks.load.locust import exchange, tables
from benchmarks.load.locust.options import NO_TARGET
from benchmarks.load.locust.process import LocustProcess, process_of
from benchmarks.load.locust.recorder import Recorder
from benchmarks.load.locust.users import OpenLoop, ReadMostly, ScenarioUser
from benchmarks.storage.usage import is_http_address

_logger = logging.getLogger(__name__)
UserClasses = Sequence[type[User]]


def wire(environment: Environment, web_ui: Any = None, **_: object) -> None:
    """Make a process ready, before anything is started in it."""
    tables.show_three_digits()
    _be_interrupted_between_steps()
    process = process_of(environment)
    if not isinstance(environment.runner, WorkerRunner):
        # A worker spawns what its master says, whatever it was told itself.
        choose(environment)
        _check_targets(process)
    if process.has_users:
        _record(process)
    if web_ui is not None:
        # Before the part, which waits for the workers when a load ends: the page notes the moment.
        _add_page(process)
    part = exchange.connect(process)
    if process.has_users:
        # What is done before the run begins takes nothing of its --run-time, but a page is there
        # at once.
        signing_in = gevent.spawn(exchange.sign_in, process)
        if web_ui is None:
            signing_in.join()
    part.meet()
    if process.is_headless and not isinstance(environment.runner, WorkerRunner):
        events: Any = environment.events
        events.quitting.add_listener(_fail_without_requests)
    # Locust sets the alarm of --run-time by the time at which the loop last ran, which may be long
    # ago: a run of a few seconds would be over before it began.
    gevent.get_hub().loop.update_now()


def _be_interrupted_between_steps() -> None:
    """Take Ctrl-C as Locust takes SIGTERM: when the event loop is reached.

    Python would raise it wherever it is, also between the counting of a request and its recording.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        raise_in_main = gevent.get_hub().handle_system_error
        gevent.signal_handler(signal.SIGINT, raise_in_main, KeyboardInterrupt, KeyboardInterrupt())


def _check_targets(process: LocustProcess) -> None:
    environment = process.environment
    for url in process.targets.values():
        if not is_http_address(url, schemes=("http", "https")):
            _logger.error("%s is no address of a service: it takes http://HOST:PORT", url)
            sys.exit(1)
    if len(process.targets) > 1:
        if environment.host:
            _logger.warning("--host is not used: there are --uncached and --cached")
        # What Locust shows of it; requests name their own addresses.
        environment.host = " and ".join(process.targets.values())
    elif not process.targets:
        _logger.error(NO_TARGET)
        sys.exit(1)


def _fail_without_requests(environment: Environment, **_: object) -> None:
    """Let a run that measured nothing end with an error."""
    if environment.runner is not None and not environment.runner.stats.total.num_requests:
        _logger.error("No request was sent, so nothing was measured")
        environment.process_exit_code = environment.process_exit_code or 1


def _record(process: LocustProcess) -> None:
    options: Any = process.environment.parsed_options
    events: Any = process.environment.events
    # Every process decides for itself whether it keeps raw samples.
    recorder = Recorder(process, Path(options.samples_dir) if options.samples_dir else None)
    events.request.add_listener(recorder.on_request)
    gevent.spawn(recorder.write_on)
    # Users may still be running when the process begins to quit, none when it ends.
    events.quitting.add_listener(recorder.flush)
    events.quit.add_listener(recorder.flush)


def _add_page(process: LocustProcess) -> None:
    # Only a process with a web UI needs it.
    from benchmarks.load.page.routes import add_page  # noqa: PLC0415

    environment = process.environment
    options: Any = environment.parsed_options
    names = {options.web_host, *(name.strip() for name in options.web_names.split(","))}
    add_page(environment, admin_token=options.admin_token or None, names=names - {""})


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
    included, excluded = set(options.tags or ()), set(options.exclude_tags or ())
    return (not included or bool(tags & included)) and not tags & excluded
