"""``fivefold verify``: run the load and the faults, check every read, say what came of it."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from rich.console import Console
from rich.status import Status

from benchmarks.coherence.clients import Load, OneRequest, User, register, running_clients
from benchmarks.coherence.fleet import DEADLINE_S, Fleet, FleetPlan, own_database, running_fleet
from benchmarks.coherence.history import FaultRecord, History
from benchmarks.coherence.summary import Summary, summarize
from benchmarks.coherence.verify.faults import CALM_S, KINDS, Fault, Nemesis, Planned, plan
from benchmarks.coherence.verify.report import lines
from benchmarks.measure.client import ClientError, Connection
from benchmarks.report.terminal import print_json
from benchmarks.runner.ending import BROKEN
from benchmarks.stack.errors import StackError
from benchmarks.stack.process import terminate_as_interrupt
from benchmarks.storage.usage import choice
from benchmarks.variants.registry import CACHING

_USERS = 4
# Calm at the beginning, and at the end to see what the last fault left behind.
_WARM_UP_S = 1.0
_TAIL_S = 2.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The parameters of a run; each client waits ``pause_s`` after an answer.

    A run of ``least_faults`` goes on until so many have struck, however long that takes.
    """

    seconds: float
    least_faults: int = 0
    seed: int
    pause_s: float = 0.0
    module: str = "service"
    workers: int = 4
    clients: int = 16
    faults: Sequence[Fault] = tuple(KINDS)
    env: Mapping[str, str] = field(default_factory=dict)
    one_address: bool = False
    """Whether the clients know a balancer only, which gives each request to another process."""


def verify(
    *,
    seconds: float,
    variant: str,
    seed: int,
    workers: int = 4,
    replicas: int | None = None,
    clients: int = 16,
    environ: Mapping[str, str],
    console: Console,
    json: bool = False,
) -> int:
    """Verify a variant and print the report; ``replicas`` are workers behind one address.

    With ``json`` standard output gets the figures. Returns 0 when nothing was wrong, 1 for
    violations, 3 when it proves nothing, 4 when it was interrupted. Raises ``UsageError``, and
    ``StackError`` when something broke.
    """
    chosen = CACHING[choice("variant", variant, CACHING)]
    options = Options(
        seconds=seconds,
        seed=seed,
        module=chosen.module,
        env=chosen.env,
        workers=replicas or workers,
        clients=clients,
        one_address=replicas is not None,
    )
    try:
        with terminate_as_interrupt(), console.status("Starting the servers") as status:
            history = record(options, environ, status)
            status.update("Checking every read")
            summary = summarize(history, variant=variant)
    except KeyboardInterrupt:
        console.print("Stopped before anything could be checked.")
        return BROKEN
    except ClientError as error:
        raise StackError(str(error)) from error
    _print(summary, console, json=json)
    return summary.exit_code


def _print(summary: Summary, console: Console, *, json: bool) -> None:
    for line in lines(summary):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    if json:
        print_json(summary.figures)


def record(options: Options, environ: Mapping[str, str], status: Status | None = None) -> History:
    """Run the load under faults, to their end or until Ctrl-C, and return all that was answered.

    Only ``MONGODB_URL`` of the environment is used; the Redis to break is always one of our own.
    Raises ``StackError`` and ``ClientError`` when something does not start or come back.
    """
    with ExitStack() as cleanup:
        stack, name = cleanup.enter_context(own_database(environ))
        plan = FleetPlan(
            module=options.module,
            workers=options.workers,
            mongo_url=stack.mongo.url,
            database=name,
            folder=stack.folder,
            env=options.env,
            one_address=options.one_address,
        )
        fleet = cleanup.enter_context(running_fleet(plan))
        return observe(fleet, options, database=stack.mongo.label, status=status)


def observe(
    fleet: Fleet, options: Options, *, database: str, status: Status | None = None
) -> History:
    """Run the load under faults on a fresh fleet."""
    faults: list[FaultRecord] = []
    interrupted = False
    users = [User(number) for number in range(_USERS)]
    register(users, fleet.endpoints[0])
    load = Load(
        urls=fleet.endpoints,
        users=users,
        seed=options.seed,
        pause_s=options.pause_s,
        connect=OneRequest if options.one_address else Connection,
    )
    with running_clients(load, options.clients) as clients:
        try:
            for planned in _timed(options):
                if status is not None:
                    status.update(f"{planned.fault} ({len(faults)} faults so far)")
                struck = Nemesis(fleet).strike(planned)
                faults += [struck] if struck else []
        except KeyboardInterrupt:
            interrupted = True
    operations = [operation for client in clients for operation in client.operations]
    balancer = fleet.balancer
    return History(
        operations=operations,
        faults=faults,
        mark_s=2 * DEADLINE_S,
        one_address=options.one_address,
        database=database,
        interrupted=interrupted,
        balancer=balancer.product if balancer else "",
        given=balancer.given() if balancer else (),
    )


def _timed(options: Options) -> Iterator[Planned]:
    """Yield each fault when it is due, until the time is over."""
    ends_at = time.monotonic() + options.seconds
    time.sleep(min(_WARM_UP_S, options.seconds))
    faults = plan(seed=options.seed, workers=options.workers, faults=options.faults)
    for number, planned in enumerate(faults):
        struck_at = time.monotonic()
        is_late = ends_at - struck_at < planned.hold_s + _TAIL_S
        if is_late and number >= options.least_faults:
            break
        yield planned
        undone_at = time.monotonic()
        ends_at = max(ends_at, undone_at + _TAIL_S) if is_late else ends_at
        next_at = max(struck_at + planned.every_s, undone_at + CALM_S)
        time.sleep(max(0.0, min(next_at, ends_at) - undone_at))
    time.sleep(max(0.0, ends_at - time.monotonic()))
