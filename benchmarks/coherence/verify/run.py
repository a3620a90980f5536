"""``fivefold verify``: run the load and the faults, check every read, say what came of it."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from rich.console import Console

from benchmarks.coherence.clients import User, register, running_clients
from benchmarks.coherence.fleet import DEADLINE_S, Fleet, FleetPlan, own_database, running_fleet
from benchmarks.coherence.history import FaultRecord, History
from benchmarks.coherence.summary import Summary, summarize
from benchmarks.coherence.verify.faults import CALM_S, Fault, Nemesis, Planned, plan
from benchmarks.measure.client import ClientError
from benchmarks.report.terminal import print_json
from benchmarks.runner.ending import BROKEN, INCONCLUSIVE
from benchmarks.stack.errors import StackError
from benchmarks.stack.process import terminate_as_interrupt
from benchmarks.variants.registry import Variant

_USERS = 4
# Calm at the beginning, and at the end to see what the last fault left behind.
_WARM_UP_S = 1.0
_TAIL_S = 2.5
_NEVER = (
    "MongoDB faults, failover to a replica, clocks that run at different rates, more than one "
    "machine"
)


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


def lines(summary: Summary) -> list[str]:
    """Return the report, line by line; the last one is the conclusion."""
    faults = sum(summary.faults.values())
    kinds = [f"  {count:>9,}  {kind}" for kind, count in sorted(summary.faults.items())]
    report = [
        f"{summary.variant}: {summary.seconds:.0f} s on {summary.history.database}"
        + (" (interrupted)" if summary.history.interrupted else ""),
        *_replicas(summary),
        f"{summary.operations:>11,}  operations",
        f"{summary.reads:>11,}  reads checked, {summary.hit_ratio:.0%} answered from the cache",
        f"{faults:>11,}  faults",
        *kinds,
        f"{summary.stale:>11,}  stale reads (G1)",
        f"{summary.revoked_accepted:>11,}  revoked tokens accepted (G1)",
        f"{summary.backwards:>11,}  backwards reads (G2) beyond the residual risks",
        f"{summary.impossible:>11,}  answers that no state of the user explains",
        f"{summary.errors:>11,}  5xx from Redis faults",
        f"{summary.errors_of_stopped:>11,}  5xx of service processes that were themselves stopped",
        f"{summary.unanswered:>11,}  requests without an answer",
    ]
    if summary.first_violation_s is not None:
        report.append(
            f"First violation after {summary.first_violation_s:.1f} s: {summary.first_violation}."
        )
    return [*report, conclusion(summary)]


def conclusion(summary: Summary) -> str:
    """Return what the run proves, no more."""
    faults = sum(summary.faults.values())
    under = f"{summary.reads:,} checked reads under {faults} faults"
    if summary.violations:
        return f"The promise is broken: {summary.violations:,} violations in {under}."
    if summary.exit_code == INCONCLUSIVE:
        return (
            f"Nothing is proven: {under}, of which the cache answered {summary.hit_ratio:.0%}; "
            "without hits and faults there is nothing to get wrong."
        )
    return (
        f"0 violations in {under}. 0 in n bounds the rate at 3/n (95 %, if reads were "
        f"independent): at most 1 in {max(1, summary.reads // 3):,} reads, "
        f"1 in {max(1, summary.hits // 3):,} hits, for this load and these faults. "
        f"Not exercised: {_not_exercised(summary)}."
    )


def _replicas(summary: Summary) -> list[str]:
    history = summary.history
    if not history.given:
        return []
    shares, count = ", ".join(f"{each:,}" for each in history.given), len(history.given)
    return [f"{count:>11,}  replicas behind one address: {shares} turns"]


def _not_exercised(summary: Summary) -> str:
    missed = [str(fault) for fault in Fault if not summary.faults.get(fault)]
    return ", ".join([*missed, _NEVER])
