"""Locust for one run: started, watched, and stopped however the run ends."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.analysis.header import FailedRequests
from benchmarks.load.options import WARM_UP_S, LoadOptions
from benchmarks.measure.system import CpuReadings
from benchmarks.stack.errors import StackError
from benchmarks.stack.locust import start_locust
from benchmarks.stack.ports import HOST, held_port

THINK_S = 0.02
"""Mean think time in seconds: enough requests in a minute, and pauses as people make."""
_SET_UP_S = 60.0
"""Seconds that logging in all users may take on top of the run."""
_POLL_S = 0.1
_GRACE_S = 10.0


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

    def command(self, port: int) -> list[str]:
        """Return Locust's arguments; its processes, if it is several, meet at the port."""
        options = self.options
        users = options.users if options.users is not None else options.processes
        meeting = ("--master-bind-host", HOST, "--master-bind-port", str(port))
        return [
            *("--headless", "--users", str(users), "--spawn-rate", str(users)),
            *("--run-time", f"{options.seconds + _SET_UP_S:.0f}s"),
            *("--json-file", str(self.stats_file.with_suffix(""))),
            *("--only-summary", "--exit-code-on-error", "0"),
            *("--load-seed", str(options.seed)),
            *([] if options.processes == 1 else ["--processes", str(options.processes)]),
            *([] if options.processes == 1 else [*meeting, "--master-port", str(port)]),
            *([] if options.rate is None else ["OpenLoop"]),
        ]


def run_locust(
    plan: LocustPlan,
    readings: CpuReadings,
    *,
    program: Sequence[str],
    on_poll: Callable[[], object],
    sleep: Callable[[float], None],
) -> None:
    """Run Locust to its end; whatever happens, no process is left, and each had time to save.

    ``readings`` is given what the processes use, from their first sample on; ``on_poll`` is
    called again and again. Raises ``StackError`` where Locust cannot be started or fails.
    """
    with held_port() as port:
        locust = start_locust(
            plan.command(port),
            name="locust",
            env=plan.env,
            log=plan.logs / "locust.log",
            program=program,
        )
        try:
            while (code := locust.poll()) is None:
                if any(plan.samples.glob("samples-*")):
                    readings.read(_pids(locust.pid))
                on_poll()
                sleep(_POLL_S)
        finally:
            locust.stop(_GRACE_S)
    if code:
        raise StackError(
            f"locust ended by itself with exit code {code}; its log ends with: {locust.log_tail(5)}"
        )


def _pids(pid: int) -> dict[str, int]:
    """Return the processes by name: Locust and its workers."""
    # What reads the options of a load needs none of it.
    import psutil  # noqa: PLC0415

    found = {"locust": pid}
    with suppress(psutil.NoSuchProcess):
        for number, worker in enumerate(psutil.Process(pid).children(), start=1):
            found[f"locust-worker-{number}"] = worker.pid
    return found


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
