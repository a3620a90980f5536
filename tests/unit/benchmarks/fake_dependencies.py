"""Everything outside the harness, faked, to be passed in as its dependencies."""

import errno
import os
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from io import StringIO
from pathlib import Path
from typing import Any, cast

from rich.console import Console

from benchmarks.analysis.checks.check import failed_checks
from benchmarks.analysis.header import BlockPlan
from benchmarks.measure.sessions import RunningVariant
from benchmarks.measure.system import SystemReading
from benchmarks.report.computed import Results
from benchmarks.report.results import read_results
from benchmarks.runner.options import CompareOptions
from benchmarks.runner.services import Dependencies, RunContext, ServiceSpec, running_variants
from benchmarks.scenarios.actions import READS_AND_WRITES
from benchmarks.stack.dataset import Dataset
from benchmarks.stack.embedded import Stack
from benchmarks.stack.server import Server
from benchmarks.storage.run_folder import Run
from benchmarks.variants.registry import VARIANTS
from tests.unit.benchmarks.fake_http import Answering, RunningFake, handler_for, listening
from tests.unit.benchmarks.fake_servers import FakeMongo, FakeRedis, Keys
from tests.unit.benchmarks.fake_service import FakeCeiling, FakeService, ServiceFaults

REGIMES = ("native", "a/a", "db+20ms", "50ms-per-query")
WARM_UP = 2
"""Sessions of each variant before the first block."""


@dataclass
class Fakes:
    """Everything outside the harness, and what happened to it."""

    folder: Path
    mongo: FakeMongo = field(default_factory=FakeMongo)
    faults: ServiceFaults = field(default_factory=ServiceFaults)
    faults_of: dict[str, ServiceFaults] = field(default_factory=dict)  # by module
    redis_product: str = "Redis"
    output: StringIO = field(default_factory=StringIO)
    databases: dict[str, Keys] = field(default_factory=lambda: defaultdict(Keys))
    passed_ns: int = 0
    started: list[dict[str, Any]] = field(default_factory=list)
    services: list[FakeService] = field(default_factory=list)
    running: int = 0

    def dependencies(self) -> Dependencies:
        return Dependencies(
            open_stack=self.open_stack,
            start_service=cast("Any", self.start_service),
            connect_mongo=lambda _: cast("Any", self.mongo),
            connect_redis=self.connect_redis,
            console=Console(file=self.output, width=100),
            clock_ns=self.clock_ns,
            sleep=lambda _: None,
            read_system=self.read_system,
            # Figures take longer than all else together; they have tests of their own.
            draw=lambda _: [],
        )

    def read_system(self) -> SystemReading:
        """Return the counters of a machine that does nothing else."""
        return SystemReading(
            at_s=self.passed_ns / 1e9,
            cpu_ticks=self.passed_ns // 10**7,
            idle_ticks=0,
            steal_ticks=0,
            pressure_us=0,
            process_cpu_s=0.0,
        )

    def spend(self, ms: float) -> None:
        self.passed_ns += round(ms * 1_000_000)

    def connect_redis(self, url: str) -> Any:
        return FakeRedis(self.databases[url])

    def clock_ns(self) -> int:
        # Asked twice per request; the place where Ctrl-C is easiest to time.
        if self.faults.interrupt_after is not None:
            self.faults.interrupt_after -= 1
            if self.faults.interrupt_after < 0:
                raise KeyboardInterrupt
        return self.passed_ns

    @contextmanager
    def open_stack(self, *, environ: Mapping[str, str], redis: bool) -> Iterator[Stack]:
        del environ
        mongo = Server(
            role="mongo", kind="SecantusDB", product="SecantusDB", version="0", url="mongodb://m/"
        )
        cache = Server(
            role="redis",
            kind="redis-server",
            product=self.redis_product,
            version="8",
            url="redis://r:1/0",
        )
        self.running += 1
        try:
            yield Stack(mongo=mongo, redis=cache if redis else None, folder=self.folder)
        finally:
            self.running -= 1

    @contextmanager
    def variants(
        self,
        *names: str,
        data: Dataset,
        clock_ns: Callable[[], int] | None = None,
        redis_proxy: str | None = None,
    ) -> Iterator[Sequence[RunningVariant]]:
        """Have variants up that read and write."""
        dependencies = replace(self.dependencies(), clock_ns=clock_ns or self.clock_ns)
        mongo = dependencies.connect_mongo("")
        with (
            self.open_stack(environ={}, redis=True) as stack,
            running_variants(
                [VARIANTS[name] for name in names],
                data,
                spec=ServiceSpec(actions=READS_AND_WRITES, redis_proxy=redis_proxy),
                context=RunContext(stack=stack, mongo=mongo, label="ab12", logs=self.folder),
                dependencies=dependencies,
            ) as running,
        ):
            yield running

    @contextmanager
    def start_service(
        self, *, database: str, redis_url: str | None, module: str = "service", **arguments: Any
    ) -> Iterator[RunningFake]:
        self.started.append(
            {"database": database, "redis_url": redis_url, "module": module, **arguments}
        )
        keys = None if redis_url is None else self.databases[redis_url]
        faults = self.faults_of.get(module, self.faults)
        service = FakeService(self.mongo, database, keys, faults, self.spend)
        self.services.append(service)
        answering: Answering = service
        if module == VARIANTS["static"].module:
            answering = FakeCeiling(self.spend)
        self.running += 1
        try:
            with listening(handler_for(answering)) as running:
                yield running
        finally:
            self.running -= 1


def results_in(out: Path) -> Results:
    """Return the results of the newest run in a folder of reports."""
    return read_results(Run(out / "latest"))


def failed_names(results: Results) -> set[str]:
    return {check.name for check in failed_checks(results.checks)}


def few_cases(
    folder: Path, *scenarios: str, blocks: int = 4, regimes: Collection[str] = REGIMES
) -> CompareOptions:
    """Return the options of a short comparison, with its reports below the folder.

    Only some regimes: the others are measured in the same way.
    """
    options = CompareOptions.from_profile(
        scenarios=scenarios or ["session"], out=folder / "reports"
    )
    plan = BlockPlan(blocks, 2)
    profile = replace(
        options.profile, users=3, todos_per_user=2, warmup_sessions=WARM_UP, probe_seconds=0.2
    )
    cases = [replace(case, plan=plan) for case in options.cases if case.regime in regimes]
    return replace(options, cases=cases, profile=profile)


def read_only(_run: Run, _texts: Mapping[Path, str]) -> None:
    """Take the place of ``Run.write_all`` on a file system that nothing can be written to."""
    raise OSError(errno.EROFS, os.strerror(errno.EROFS))
