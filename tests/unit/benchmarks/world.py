"""Everything outside the harness, faked, to be passed in as its tools."""

import json
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.stack.embedded import Stack
from benchmarks.stack.server import Server
from benchmarks.tools import Tools
from benchmarks.variants import VARIANTS
from tests.unit.benchmarks.fake_http import Answering, Running, handler_for, listening
from tests.unit.benchmarks.fake_servers import FakeMongo, FakeRedis
from tests.unit.benchmarks.fake_service import FakeCeiling, FakeService, Faults


@dataclass
class World:
    """Everything outside the harness, and what happened to it."""

    folder: Path
    mongo: FakeMongo = field(default_factory=FakeMongo)
    faults: Faults = field(default_factory=Faults)
    faults_of: dict[str, Faults] = field(default_factory=dict)  # by module
    redis_product: str = "Redis"
    output: StringIO = field(default_factory=StringIO)
    databases: dict[str, dict[str, bytes]] = field(default_factory=lambda: defaultdict(dict))
    started: list[dict[str, Any]] = field(default_factory=list)
    services: list[FakeService] = field(default_factory=list)
    running: int = 0

    def tools(self) -> Tools:
        return Tools(
            open_stack=self.open_stack,
            start_service=self.start_service,
            connect_mongo=lambda _: self.mongo,
            connect_redis=self.connect_redis,
            console=Console(file=self.output, width=100),
            clock_ns=self.clock_ns,
        )

    def connect_redis(self, url: str) -> FakeRedis:
        return FakeRedis(self.databases[url])

    def clock_ns(self) -> int:
        # Asked twice per request; the place where Ctrl-C is easiest to time.
        if self.faults.interrupt_after is not None:
            self.faults.interrupt_after -= 1
            if self.faults.interrupt_after < 0:
                raise KeyboardInterrupt
        return time.perf_counter_ns()

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
    def start_service(
        self, *, database: str, redis_url: str | None, module: str = "service", **arguments: Any
    ) -> Iterator[Running]:
        self.started.append(
            {"database": database, "redis_url": redis_url, "module": module, **arguments}
        )
        keys = None if redis_url is None else self.databases[redis_url]
        faults = self.faults_of.get(module, self.faults)
        service = FakeService(self.mongo, database, keys, faults)
        self.services.append(service)
        answering: Answering = service
        if module == VARIANTS["static"].module:
            answering = FakeCeiling()
        self.running += 1
        try:
            with listening(handler_for(answering)) as running:
                yield running
        finally:
            self.running -= 1


def results_in(out: Path) -> dict[str, Any]:
    """Return the results of the newest run in a folder of reports."""
    loaded = json.loads((out / "latest" / "results.json").read_text())
    assert isinstance(loaded, dict)
    return loaded


def failed_guards(results: dict[str, Any]) -> set[str]:
    return {guard["name"] for guard in results["guards"] if not guard["passed"]}
