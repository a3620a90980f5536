"""Put the parts of one Locust process together; the locustfile calls this once."""

import logging
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import gevent
from locust.env import Environment
from locust.runners import WorkerRunner

from benchmarks.load.locust import exchange
from benchmarks.load.locust.options import NO_TARGET
from benchmarks.load.locust.process import LocustProcess, SampleWriter, process_of
from benchmarks.load.locust.users import OpenLoop, ScenarioUser
from benchmarks.measure.address import parse_address

_logger = logging.getLogger(__name__)


def wire(environment: Environment, web_ui: Any = None, **_: object) -> None:
    """Make a process ready, before anything is started in it."""
    process = process_of(environment)
    if not isinstance(environment.runner, WorkerRunner):
        # A worker spawns what its master says, whatever it was told itself.
        choose(environment)
        _check_targets(process)
    # Every process decides for itself whether it keeps raw samples.
    if process.has_users and process.options.samples_dir:
        _keep_samples(process, Path(process.options.samples_dir))
    if web_ui is not None:
        # Only a process with a web UI needs it.
        from benchmarks.load.page.routes import add_page  # noqa: PLC0415

        # Before the exchange, which waits for the workers when a load ends: the page notes the
        # moment.
        add_page(process)
    exchange.connect(process)
    if process.has_users and not process.is_headless:
        # A load that a person starts later begins at once.
        gevent.spawn(process.sign_in)
    if process.is_headless and not isinstance(environment.runner, WorkerRunner):
        events: Any = environment.events
        events.quitting.add_listener(_fail_without_requests)


def _check_targets(process: LocustProcess) -> None:
    environment = process.environment
    for url in process.targets.values():
        if not _is_service(url):
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


def _is_service(url: str) -> bool:
    """Tell whether it is ``http://HOST:PORT``, or with https, without a path."""
    with suppress(ValueError):
        address = parse_address(url)
        return bool(address.host) and not address.base
    return False


def _fail_without_requests(environment: Environment, **_: object) -> None:
    """Let a run that measured nothing end with an error."""
    if environment.runner is not None and not environment.runner.stats.total.num_requests:
        _logger.error("No request was sent, so nothing was measured")
        environment.process_exit_code = environment.process_exit_code or 1


def _keep_samples(process: LocustProcess, folder: Path) -> None:
    process.samples = samples = SampleWriter(folder)
    gevent.spawn(samples.write_on)
    events: Any = process.environment.events
    # Users may still be running when the process begins to quit, none when it ends.
    events.quitting.add_listener(samples.flush)
    events.quit.add_listener(samples.flush)


def choose(environment: Environment) -> None:
    """Reduce the user classes to the one of ``--scenario`` unless some were named.

    Users of all classes at once would mix the workloads. A locustfile without such a class keeps
    the classes that it has.
    """
    options: Any = environment.parsed_options
    if options.user_classes:
        return
    environment.user_classes[:] = [
        each
        for each in environment.user_classes
        if issubclass(each, ScenarioUser)
        and not issubclass(each, OpenLoop)
        and each.scenario.name == options.scenario
    ] or environment.user_classes
