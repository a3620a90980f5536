"""Locust's processes of one run: started, watched, and stopped however the run ends."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.analysis.header import ClientOverhead, FailedRequests
from benchmarks.load.options import WARM_UP_S, LoadOptions
from benchmarks.measure.system import CpuReadings
from benchmarks.stack.errors import StackError
from benchmarks.stack.locust import PROGRAM, environment, start_locust
from benchmarks.stack.ports import HOST, held_port
from benchmarks.stack.process import Process

MAIN = "locust"
THINK_S = 0.02
"""Mean think time in seconds: enough requests in a minute, and pauses as people make."""
_SET_UP_S = 60.0
"""Seconds that logging in all users may take on top of the run."""
_POLL_S = 0.1
_ANSWER_S = 2.0
_GRACE_S = 5.0
_OVERHEAD_MODULE, _OVERHEAD_DEADLINE_S = "benchmarks.load.locust.client_overhead", 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LocustPlan:
    """The task of Locust: ``samples`` is the folder for its records."""

    options: LoadOptions
    addresses: Mapping[str, str]
    accounts: int
    samples: Path
    logs: Path

    @property
    def stats_file(self) -> Path:
        """Return where Locust leaves its own totals."""
        return self.logs / "locust-stats.json"

    @property
    def env(self) -> dict[str, str]:
        """Return the options of the locustfile."""
        options = self.options
        env = {
            "FIVEFOLD_UNCACHED": self.addresses["uncached"],
            "FIVEFOLD_CACHED": self.addresses["cached"],
            "FIVEFOLD_SCENARIO": options.scenario.name,
            "FIVEFOLD_ACCOUNTS": str(self.accounts),
            "FIVEFOLD_THINK_SECONDS": f"{THINK_S:g}",
            "FIVEFOLD_TURNS": "blocks",
            "FIVEFOLD_BLOCKS": str(options.observations),
            "FIVEFOLD_WARM_UP_SECONDS": f"{WARM_UP_S:g}",
            "FIVEFOLD_BLOCK_SECONDS": f"{options.block_seconds:.6f}",
            "FIVEFOLD_SAMPLES_DIR": str(self.samples),
        }
        if options.rate is not None:
            env["FIVEFOLD_OPEN_RATE"] = f"{options.rate / options.processes:.6f}"
        return env

    def commands(self, port: int) -> dict[str, list[str]]:
        """Return the arguments of each process by name; a master listens on the port."""
        options = self.options
        users = options.users if options.users is not None else options.processes
        shared = ["--load-seed", str(options.seed)]
        classes = [] if options.rate is None else ["OpenLoop"]
        main = [
            *("--headless", "--users", str(users), "--spawn-rate", str(users)),
            *("--run-time", f"{options.seconds + _SET_UP_S:.0f}s"),
            *("--json-file", str(self.stats_file.with_suffix(""))),
            *("--only-summary", "--exit-code-on-error", "0"),
            *shared,
        ]
        if options.processes == 1:
            return {MAIN: [*main, *classes]}
        workers = str(options.processes)
        bound = ["--master", "--master-bind-host", HOST, "--master-bind-port", str(port)]
        waiting = ["--expect-workers", workers, "--expect-workers-max-wait", "60"]
        joining = ["--worker", "--master-host", HOST, "--master-port", str(port)]
        return {
            MAIN: [*main, *bound, *waiting, *classes],
            **{
                f"{MAIN}-worker-{number}": [*joining, *shared, *classes]
                for number in range(1, options.processes + 1)
            },
        }


@dataclass(frozen=True, slots=True)
class LocustProcesses:
    """The running processes by name; that of ``MAIN`` ends when the run does."""

    plan: LocustPlan
    processes: Mapping[str, Process]
    readings: CpuReadings

    def watch(self, on_poll: Callable[[], object], sleep: Callable[[float], None]) -> None:
        """Return when the run is over; ``on_poll`` is called again and again meanwhile.

        Raises ``StackError`` for a process that failed and for a service that is gone.
        """
        polls = 0
        while (code := self.processes[MAIN].poll()) is None:
            self._require_workers()
            if any(self.plan.samples.glob("samples-*")):
                self.readings.read({name: each.pid for name, each in self.processes.items()})
            if polls % int(1 / _POLL_S) == 0:
                _require_services(self.plan.addresses)
            on_poll()
            polls += 1
            sleep(_POLL_S)
        if code:
            _require_services(self.plan.addresses)
            raise _ended(self.processes[MAIN], code)

    def _require_workers(self) -> None:
        for process in self.processes.values():
            # One that ends in order has been told to.
            if code := process.poll():
                raise _ended(process, code)


@contextmanager
def running_locust(
    plan: LocustPlan, readings: CpuReadings, *, program: Sequence[str] = PROGRAM
) -> Iterator[LocustProcesses]:
    """Start Locust; whatever happens, no process is left, and each had time to save its samples.

    ``readings`` is given what the processes use, from their first sample on.
    Raises ``StackError`` where it cannot be started.
    """
    processes: dict[str, Process] = {}
    with held_port() as port:
        try:
            for name, arguments in plan.commands(port).items():
                processes[name] = start_locust(
                    arguments,
                    name=name,
                    env=plan.env,
                    log=plan.logs / f"{name}.log",
                    program=program,
                )
            yield LocustProcesses(plan, processes, readings)
        finally:
            _end(list(processes.values()))


def read_failures(stats_file: Path) -> list[FailedRequests]:
    """Return what failed in the whole run by Locust's own count, nothing where it left none."""
    try:
        entries = json.loads(stats_file.read_text(encoding="utf-8"))
        return [
            FailedRequests(
                name=str(entry["name"]),
                requests=int(entry["num_requests"]),
                failures=int(entry["num_failures"]),
            )
            for entry in entries
            if entry["num_failures"]
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _end(processes: Sequence[Process]) -> None:
    """End the first, which tells the others, and them when they had time to save what they have."""
    deadline = time.monotonic() + _GRACE_S
    try:
        for process in processes[:1]:
            process.stop(_GRACE_S)
        while any(process.poll() is None for process in processes) and time.monotonic() < deadline:
            time.sleep(_POLL_S)
    finally:
        for process in processes:
            process.stop(_GRACE_S)


def _ended(process: Process, code: int) -> StackError:
    return StackError(
        f"{process.name} ended by itself with exit code {code}; its log ends with: "
        f"{process.log_tail(5)}"
    )


def _require_services(addresses: Mapping[str, str]) -> None:
    for name, url in addresses.items():
        parts = urlsplit(url)
        try:
            socket.create_connection((parts.hostname, parts.port or 80), _ANSWER_S).close()
        except OSError as error:
            raise StackError(f"the {name} service at {url} is gone: {error}") from error


def measure_client_overhead(url: str) -> ClientOverhead | None:
    """Return medians in ms of one request at a time to ``/healthz``, None where none succeeded.

    ``locust_ms`` is with Locust's client, ``socket_ms`` with the plain socket that comparisons
    use, ``added_ms`` the difference. A process of its own measures: Locust replaces the sockets
    of its process.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-m", _OVERHEAD_MODULE, url],
            capture_output=True,
            check=True,
            timeout=_OVERHEAD_DEADLINE_S,
            env=environment() | {"LOCUST_SKIP_MONKEY_PATCH": "1"},
        )
        found = json.loads(done.stdout)
        locust_ms, socket_ms = float(found["locust_ms"]), float(found["socket_ms"])
    except (subprocess.SubprocessError, OSError, ValueError, KeyError, TypeError):
        return None
    return ClientOverhead(locust_ms=locust_ms, socket_ms=socket_ms, added_ms=locust_ms - socket_ms)
