"""``fivefold verify``: run the load and the faults, check every read, say what came of it."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from rich.console import Console

from benchmarks.coherence.clients import User, register, running_clients
from benchmarks.coherence.fleet import DEADLINE_S, Fleet, FleetPlan, own_database, running_fleet
from benchmarks.coherence.history import FaultRecord, History
from benchmarks.coherence.summary import summarize
from benchmarks.coherence.verify.faults import CALM_S, Nemesis, Planned, plan
from benchmarks.coherence.verify.report import lines
from benchmarks.measure.client import ClientError
from benchmarks.report.terminal import print_json
from benchmarks.runner.ending import BROKEN
from benchmarks.stack.errors import StackError
from benchmarks.stack.process import terminate_as_interrupt
from benchmarks.variants.registry import Variant

_USERS = 4
# Calm at the beginning, and at the end to see what the last fault left behind.
_WARM_UP_S = 1.0
_TAIL_S = 2.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The parameters of a run."""

    seconds: float
    variant: Variant
    seed: int
    workers: int = 4
    clients: int = 16
    one_address: bool = False
    """Whether the clients know a balancer only, which gives each request to another process."""


def verify(
    options: Options, environ: Mapping[str, str], console: Console, *, json: bool = False
) -> int:
    """Verify a variant and print the report; with ``json`` standard output gets the figures.

    Returns 0 when nothing was wrong, 1 for violations, 3 when it proves nothing, 4 when it was
    interrupted before there was anything to check. Raises ``UsageError``, and ``StackError`` when
    something broke.
    """
    try:
        with terminate_as_interrupt(), console.status("Starting the servers") as status:
            history = record(options, environ, status.update)
            status.update("Checking every read")
            summary = summarize(history, variant=options.variant.name)
    except KeyboardInterrupt:
        console.print("Stopped before anything could be checked.")
        return BROKEN
    except ClientError as error:
        raise StackError(str(error)) from error
    for line in lines(summary):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    if json:
        print_json(summary.figures)
    return summary.exit_code


def record(
    options: Options, environ: Mapping[str, str], status: Callable[[str], object]
) -> History:
    """Run the load under faults, to their end or until Ctrl-C, and return all that was answered.

    Only ``MONGODB_URL`` of the environment is used; the Redis to break is always one of our own.
    Raises ``StackError`` and ``ClientError`` when something does not start or come back.
    """
    with own_database(environ) as (stack, name):
        plan = FleetPlan(
            module=options.variant.module,
            workers=options.workers,
            mongo_url=stack.mongo.url,
            database=name,
            folder=stack.folder,
            env=options.variant.env,
            one_address=options.one_address,
        )
        with running_fleet(plan) as fleet:
            history = observe(
                fleet, _timed(options), seed=options.seed, clients=options.clients, status=status
            )
        return replace(history, database=stack.mongo.label)


def observe(
    fleet: Fleet,
    faults: Iterable[Planned],
    *,
    seed: int,
    clients: int,
    pause_s: float = 0.0,
    status: Callable[[str], object] = lambda _: None,
) -> History:
    """Run the load on a fresh fleet, and strike with each fault when it comes.

    Each client waits ``pause_s`` after an answer.
    """
    struck: list[FaultRecord] = []
    interrupted = False
    users = [User(number) for number in range(_USERS)]
    register(users, fleet.urls[0])
    with running_clients(fleet.load(users, seed=seed, pause_s=pause_s), clients) as running:
        try:
            for planned in faults:
                status(f"{planned.fault} ({len(struck)} faults so far)")
                fault = Nemesis(fleet).strike(planned)
                struck += [fault] if fault else []
        except KeyboardInterrupt:
            interrupted = True
    return History(
        operations=[operation for client in running for operation in client.operations],
        faults=struck,
        mark_s=2 * DEADLINE_S,
        interrupted=interrupted,
        given=fleet.balancer.state().made if fleet.balancer else (),
    )


def _timed(options: Options) -> Iterator[Planned]:
    """Yield each fault when it is due, until the time is over."""
    ends_at = time.monotonic() + options.seconds
    time.sleep(min(_WARM_UP_S, options.seconds))
    for planned in plan(seed=options.seed, workers=options.workers):
        struck_at = time.monotonic()
        if ends_at - struck_at < planned.hold_s + _TAIL_S:
            break
        yield planned
        undone_at = time.monotonic()
        next_at = max(struck_at + planned.every_s, undone_at + CALM_S)
        time.sleep(max(0.0, min(next_at, ends_at) - undone_at))
    time.sleep(max(0.0, ends_at - time.monotonic()))
