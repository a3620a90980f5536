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

    def command(self, port: int) -> list[str]:
        """Return Locust's arguments; its processes, if it is several, meet at the port."""
        options = self.options
        users = options.users if options.users is not None else options.processes
        asked = {
            "users": users,
            "spawn-rate": users,
            "run-time": f"{options.seconds + _SET_UP_S:.0f}s",
            "json-file": self.stats_file.with_suffix(""),
            "exit-code-on-error": 0,
            **self.addresses,
            "scenario": options.scenario.name,
            "accounts": self.accounts,
            "think-seconds": THINK_S,
            "load-seed": options.seed,
            "turns": "blocks",
            "blocks": options.observations,
            "warm-up-seconds": WARM_UP_S,
            "block-seconds": f"{options.block_seconds:.6f}",
            "samples-dir": self.samples,
        }
        if options.processes > 1:
            asked |= {"processes": options.processes, "master-port": port}
            asked |= {"master-bind-host": HOST, "master-bind-port": port}
        if options.rate is not None:
            asked["open-rate"] = f"{options.rate / options.processes:.6f}"
        named = [part for name, value in asked.items() for part in (f"--{name}", str(value))]
        classes = [] if options.rate is None else ["OpenLoop"]
        return ["--headless", "--only-summary", *named, *classes]


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
            f"locust ended by itself with exit code {code}; its log ends with: {locust.log_tail(8)}"
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
