"""``fivefold capacity``: servers and variants up, every step of every round of the sweep."""

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import Progress

from benchmarks.analysis.checks.check import failed_checks
from benchmarks.analysis.header import RunEnvironment
from benchmarks.capacity.options import DATA, CapacityOptions
from benchmarks.measure.closed_loop import ClosedLoop, LoadResult
from benchmarks.measure.sessions import RunningVariant
from benchmarks.measure.system import cores, family_seconds
from benchmarks.report.capacity import (
    SCHEMA,
    SweepHeader,
    assemble_sweep,
    sweep_files,
)
from benchmarks.report.page import Published
from benchmarks.runner.environment import collect, describe
from benchmarks.runner.job import Job, carry_out, shown_progress
from benchmarks.runner.services import (
    Dependencies,
    RunContext,
    ServiceSpec,
    VariantError,
    running_variants,
)
from benchmarks.scenarios.actions import READS_AND_WRITES
from benchmarks.stack.dataset import make_dataset
from benchmarks.stack.embedded import Stack
from benchmarks.storage.records import SweepStep
from benchmarks.storage.run_folder import Run, check_out
from benchmarks.storage.usage import DEFAULT_OUT

_HTTP_OK = 200
_WARM_UP_CONNECTIONS = 8
_WARM_UP_S = 1.0
_PROFILE = "capacity"
NO_SERVERS: Mapping[str, int] = {}


def capacity(
    options: CapacityOptions,
    environ: Mapping[str, str],
    *,
    out: Path = DEFAULT_OUT,
    json: bool = False,
    dependencies: Dependencies | None = None,
) -> int:
    """Measure the load sweep, write the run's folder and print its tables; see ``carry_out``.

    Returns 0, 3 when a check failed, or 4 when something broke or the run was interrupted; a
    target that does not hold is a finding, not a failure. Raises ``UsageError`` for an ``out`` that
    is no folder and a named server that cannot be used.
    """
    check_out(out)
    dependencies = dependencies or Dependencies(console=Console(stderr=json))
    job = CapacitySweep(options, out, dependencies)
    return carry_out(job, environ, dependencies.console, json=json)


class CapacitySweep(Job):
    """All variants at every number of connections, interleaved in rounds."""

    _environment: RunEnvironment

    def __init__(self, options: CapacityOptions, out: Path, dependencies: Dependencies) -> None:
        super().__init__()
        self._options = options
        self._out = out
        self._dependencies = dependencies
        self._steps: list[SweepStep] = []

    @property
    def header(self) -> SweepHeader:
        """Return what a report needs to know of the run beside its steps."""
        return SweepHeader(
            schema=SCHEMA,
            state=self.state,
            reason=self.reason,
            environment=self._environment,
            variants=tuple(describe(variant) for variant in self._options.services),
            options=self._options,
        )

    @property
    def measured(self) -> bool:
        """Tell whether a step was measured."""
        return bool(self._steps)

    def publish(self, run: Run) -> Published:
        """Write the results, the report and the figure into the folder."""
        results = assemble_sweep(self.header, self._steps)
        page, texts = sweep_files(run, results)
        run.write_all(texts)
        run.point_latest()
        return Published(page, check_failed=bool(failed_checks(results.checks)))

    def run(self, environ: Mapping[str, str]) -> None:
        """Measure every step of every round.

        Raises ``UsageError`` for a named server that cannot be used and whatever else breaks it;
        the steps measured until then are published.
        """
        options, dependencies = self._options, self._dependencies
        variants = options.services
        needs_redis = any(variant.uses_redis for variant in variants)
        with shown_progress(dependencies.console) as progress, ExitStack() as cleanup:
            step = progress.add_task("starting MongoDB and Redis", total=None)
            stack = cleanup.enter_context(
                dependencies.open_stack(environ=environ, redis=needs_redis)
            )
            self._environment = collect(stack, now=dependencies.now())
            run = self.folder = Run.create(self._out, _PROFILE, dependencies.now())
            mongo = dependencies.connect_mongo(stack.mongo.url)
            cleanup.callback(mongo.close)
            progress.update(step, description=f"starting {', '.join(options.variants)}")
            running = cleanup.enter_context(
                running_variants(
                    variants,
                    make_dataset(**{name: getattr(options, name) for name in DATA}),
                    spec=ServiceSpec(actions=READS_AND_WRITES),
                    context=RunContext(stack=stack, mongo=mongo, label=run.label, logs=run.logs),
                    dependencies=dependencies,
                )
            )
            progress.update(step, description="warming up")
            for each in running:
                warm_up(each, seconds=min(_WARM_UP_S, options.seconds))
            progress.remove_task(step)
            self._sweep(running, progress, servers=pids_of(stack))

    def _sweep(
        self, running: Sequence[RunningVariant], progress: Progress, *, servers: Mapping[str, int]
    ) -> None:
        options = self._options
        total = len(order(options))
        description = f"{total} steps of {options.seconds:g} s"
        steps = take_steps(options, running, servers=servers)
        for step in progress.track(steps, total=total, description=description):
            self._steps.append(step)


def order(options: CapacityOptions) -> list[tuple[int, int, str, str]]:
    """Return round, connections, variant and kind of request of each step, in order.

    In every round the numbers of connections come in a random order, and the variants in one of
    their own within each: what is compared stands side by side, and no variant always comes
    first. The same seed gives the same order.
    """
    rng = random.Random(f"capacity {options.seed}")  # noqa: S311 - an order, not a secret
    loads = [(connections, "hit") for connections in options.connections]
    loads += [(1, asks) for asks in ("miss", "write") if options.costs]
    steps = []
    for number in range(options.rounds):
        for connections, asks in rng.sample(loads, len(loads)):
            steps += [
                (number, connections, variant.name, asks)
                for variant in rng.sample(options.services, len(options.services))
                if asks == "hit" or variant.kind != "ceiling"
            ]
    return steps


def warm_up(running: RunningVariant, *, seconds: float) -> None:
    """Load for a while and forget it, so that code paths are warm; raises ``ClientError``."""
    with ClosedLoop(
        running.connection.url, running.reads, connections=_WARM_UP_CONNECTIONS
    ) as loop:
        loop.run(seconds=seconds)


def take_steps(
    options: CapacityOptions,
    running: Sequence[RunningVariant],
    *,
    servers: Mapping[str, int] = NO_SERVERS,
) -> Iterator[SweepStep]:
    """Take every step in its order; raises what breaks one.

    ``servers`` are the process ids behind the services, by the names of ``pids_of``.
    """
    by_name = {each.variant: each for each in running}
    for place, step in enumerate(order(options)):
        running_variant = by_name[step[2]]
        yield take_step(
            running_variant, step, place=place, seconds=options.seconds, servers=servers
        )


def take_step(
    running: RunningVariant,
    step: tuple[int, int, str, str],
    *,
    place: int,
    seconds: float,
    servers: Mapping[str, int],
) -> SweepStep:
    """Fill the cache of every user, then load as a step of ``order`` says."""
    number, connections, _, asks = step
    result, busy = _loaded(
        running, connections, seconds, asks=asks, processes={"service": running.pid, **servers}
    )
    count = len(result.latencies_us)
    if not count:
        raise VariantError(
            f"{running.variant} answered nothing within {seconds:g} s: raise --seconds"
        )
    p50_us, p99_us = np.percentile(result.latencies_us, [50, 99])
    return SweepStep(
        variant=running.variant,
        connections=connections,
        seconds=result.seconds,
        requests=count,
        hits=result.hits,
        errors=count - result.statuses.get(_HTTP_OK, 0),
        p50_us=float(p50_us),
        p99_us=float(p99_us),
        client_cores=result.client_cores,
        round=number,
        place=place,
        asks=asks,
        **busy,
    )


def _loaded(
    running: RunningVariant,
    connections: int,
    seconds: float,
    *,
    asks: str,
    processes: Mapping[str, int],
) -> tuple[LoadResult, Mapping[str, float | None]]:
    """Return what came back, and the cores that each process was busy with meanwhile."""
    requests = running.requests["complete"] if asks == "write" else running.reads
    running_loop = partial(ClosedLoop, running.connection.url, connections=connections)
    with running_loop(running.reads) as warming, running_loop(requests) as loop:
        warming.run(requests=len(running.reads))
        before_s = _used_s(processes)
        result = _misses(running, loop, seconds) if asks == "miss" else loop.run(seconds=seconds)
        after_s = _used_s(processes)
    return result, {
        f"{name}_cores": cores(before_s[name], after_s[name], result.seconds) for name in processes
    }


def _misses(running: RunningVariant, loop: ClosedLoop, seconds: float) -> LoadResult:
    """Empty the cache and read the list of every user, again and again, for ``seconds``."""

    def one_round() -> LoadResult:
        running.empty_cache()
        return loop.run(requests=len(running.reads))

    whole = one_round()
    while whole.seconds < seconds:
        whole += one_round()
    return whole


def pids_of(stack: Stack) -> Mapping[str, int]:
    """Return the process ids of the servers that are ours, ``redis`` and ``database``."""
    servers = {"redis": stack.redis, "database": stack.mongo}
    return {
        name: server.process.pid for name, server in servers.items() if server and server.process
    }


def _used_s(processes: Mapping[str, int]) -> Mapping[str, float | None]:
    return {name: family_seconds(pid) for name, pid in processes.items()}
