"""Put the parts of one Locust process together; the locustfile calls this once."""

import logging
import signal
import sys
from typing import Any

import gevent
from locust.env import Environment
from locust.runners import WorkerRunner

from benchmarks.load.locust import classes, exchange, shapes, tables
from benchmarks.load.locust.options import NO_TARGET, samples_dir_of
from benchmarks.load.locust.process import LocustProcess, process_of
from benchmarks.load.locust.recorder import Recorder

_logger = logging.getLogger(__name__)


def wire(environment: Environment, web_ui: Any = None, **_: object) -> None:
    """Make a process ready, before anything is started in it."""
    tables.show_three_digits()
    _be_interrupted_between_steps()
    process = process_of(environment)
    if not isinstance(environment.runner, WorkerRunner):
        # A worker spawns what its master says, whatever it was told itself.
        classes.choose(environment)
        _offer_shapes(process)
        _check_targets(process)
    if process.has_users:
        _record(process)
    exchange.connect(process)
    if web_ui is not None:
        _add_page(process, web_ui)
    if process.has_users:
        # What is done before the run begins takes nothing of its --run-time, but a page is there
        # at once.
        signing_in = gevent.spawn(exchange.sign_in, process)
        if web_ui is None:
            signing_in.join()
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
    options: Any = environment.parsed_options
    if len(process.targets) > 1:
        if environment.host:
            _logger.warning("--host is not used: there are --uncached and --cached")
        # What Locust shows of it; requests name their own addresses.
        environment.host = " and ".join(process.targets.values())
    elif not process.targets and options.headless:
        _logger.error(NO_TARGET)
        sys.exit(1)


def _record(process: LocustProcess) -> None:
    options: Any = process.environment.parsed_options
    events: Any = process.environment.events
    recorder = Recorder(process, samples_dir_of(options))
    events.request.add_listener(recorder.on_request)
    gevent.spawn(recorder.write_on)
    # Users may still be running when the process begins to quit, none when it ends.
    events.quitting.add_listener(recorder.flush)
    events.quit.add_listener(recorder.flush)


def _offer_shapes(process: LocustProcess) -> None:
    environment = process.environment
    available = {kind.__name__: kind(process) for kind in shapes.CLASSES.values()}
    environment.available_shape_classes = dict(available)
    if process.options.shape:
        chosen = available[shapes.CLASSES[process.options.shape].__name__]
        chosen.runner = environment.runner
        environment.shape_class = chosen


def _add_page(process: LocustProcess, web_ui: Any) -> None:
    # Only a process with a web UI needs it.
    from benchmarks.load.page.routes import add_page  # noqa: PLC0415

    environment = process.environment
    options: Any = environment.parsed_options
    add_page(environment, targets=process.targets, admin_token=options.admin_token or None)
    available = list(environment.available_user_classes or ())
    update = web_ui._update_user_classes  # noqa: SLF001 - the form has no other place for it
    web_ui._update_user_classes = lambda chosen: update(classes.picked(chosen, available))  # noqa: SLF001
