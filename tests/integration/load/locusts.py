"""Real services with and without Redis, and real Locust processes on them."""

import json
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from benchmarks.stack.embedded import Stack
from benchmarks.stack.locust import LOCUSTFILE, environment
from benchmarks.stack.service import start_service
from benchmarks.storage.records import Sample
from benchmarks.storage.samples import read_samples
from tests.hearing import hearing
from tests.patient import PATIENT
from tests.waiting import until

ACCOUNTS = 2
"""Few, because each is logged in first, and hashing takes its time."""
THINK_SECONDS = 0.1
"""Ten requests per second of each user are enough to see what becomes of them."""
SETTINGS = {
    "ENVIRONMENT": "development",
    "TRUSTED_PROXIES": "127.0.0.1",
    "LOG_LEVEL": "WARNING",
    **PATIENT,
}
_DEADLINE_S = 300.0
until_seen = partial(until, what="a step of the run", deadline_s=_DEADLINE_S, poll_s=0.2)
"""Waits for something that is read of a run."""


@contextmanager
def service(servers: Stack, folder: Path, *, cached: bool) -> Iterator[str]:
    """Run a service on a database of its own; yield its address."""
    with start_service(
        mongo_url=servers.mongo.url,
        database=f"load_{uuid4().hex[:12]}",
        redis_url=servers.redis.url if cached and servers.redis is not None else None,
        log=folder / f"{uuid4().hex}.log",
        env=SETTINGS,
    ) as started:
        yield started.url


@dataclass
class Locusts:
    """Locust processes that share a folder; all of them are gone at the end."""

    folder: Path
    targets: Mapping[str, str]
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start one."""
        # Everything that it says goes to one place, in the order in which it was said. A pipe
        # that nobody reads would be full at some time.
        with self._log(len(self.running)).open("wb") as log:
            process = subprocess.Popen(
                hearing("-m", "locust", "-f", str(LOCUSTFILE), *arguments),
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env=environment()
                | {
                    "FIVEFOLD_SAMPLES_DIR": str(self.folder),
                    "FIVEFOLD_ACCOUNTS": str(ACCOUNTS),
                    "FIVEFOLD_THINK_SECONDS": str(THINK_SECONDS),
                }
                | dict(self.targets),
            )
        self.running.append(process)
        return process

    def run(
        self,
        *arguments: str,
        users: int,
        until_it: Callable[[], bool],
        then: signal.Signals = signal.SIGINT,
    ) -> tuple[int, str]:
        """Run one headless until that is so, or it ended; return its exit code and what it said."""
        process = self.start("--headless", "-u", str(users), "-r", str(users), *arguments)
        until_seen(lambda: process.poll() is not None or until_it())
        said = self.end(process, then)
        return process.returncode, said

    def end(self, process: subprocess.Popen[bytes], number: signal.Signals | None = None) -> str:
        """Send a signal, if any, wait for the end, and return what the process said."""
        if number is not None:
            process.send_signal(number)
        process.wait(_DEADLINE_S)
        return self._log(self.running.index(process)).read_text()

    def stop(self) -> None:
        """Kill what still runs."""
        for process in self.running:
            process.kill()
            process.wait()

    def shows(self, table: str, what: str) -> bool:
        """Tell whether a table of ``--csv run`` has something in it by now."""
        file = self.folder / f"run_{table}.csv"
        return file.exists() and what in file.read_text()

    @property
    def samples(self) -> list[Sample]:
        """Return the raw samples of all processes, by start."""
        files = self.folder.glob("samples-*.csv.gz")
        every = [sample for file in files for sample in read_samples(file)]
        return sorted(every, key=lambda sample: sample.start_s)

    def of(self, process: subprocess.Popen[bytes]) -> list[Sample]:
        """Return the raw samples of one process, none before it has written some."""
        file = self.folder / f"samples-{process.pid}.csv.gz"
        return read_samples(file) if file.exists() else []

    def table(self, name: str) -> Any:
        """Return Locust's own table, from ``--json-file``."""
        return json.loads((self.folder / f"{name}.json").read_text())

    def _log(self, number: int) -> Path:
        return self.folder / f"said-{number}.txt"


@contextmanager
def locusts(folder: Path, targets: Mapping[str, str]) -> Iterator[Locusts]:
    """Make place for some Locust processes."""
    with ExitStack() as cleanup:
        made = Locusts(folder, targets)
        cleanup.callback(made.stop)
        yield made
