"""Locust for one run: started, watched, stopped however the run ends, and what it recorded."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from benchmarks.analysis.header import FailedRequests
from benchmarks.load.options import WARM_UP_S, LoadOptions
from benchmarks.measure.system import CpuReadings
from benchmarks.scenarios.base import Scenario
from benchmarks.stack import dataset
from benchmarks.stack.errors import StackError
from benchmarks.stack.locust import start_locust
from benchmarks.stack.ports import HOST, held_port
from benchmarks.storage.records import Sample
from benchmarks.storage.samples import SamplesUnreadable, read_samples

THINK_S = 0.02
"""Mean think time in seconds: enough requests in a minute, and pauses as people make."""
_POLL_S = 0.1
_HTTP_OK = 200
_GRACE_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LocustRun:
    """Locust on these addresses by variant; ``samples`` is the folder for its records."""

    options: LoadOptions
    addresses: Mapping[str, str]
    samples: Path
    logs: Path

    def carry_out(
        self,
        readings: CpuReadings,
        *,
        program: Sequence[str],
        sleep: Callable[[float], None],
    ) -> None:
        """Run Locust to its end; whatever happens, no process is left, and each had time to save.

        ``readings`` is given what the processes use, from their first sample on. Raises
        ``StackError`` where Locust cannot be started or fails.
        """
        with held_port() as port:
            locust = start_locust(
                self._arguments(port),
                name="locust",
                log=self.logs / "locust.log",
                program=program,
            )
            try:
                while (code := locust.poll()) is None:
                    if any(self.samples.glob("samples-*")):
                        readings.read(_pids(locust.pid))
                    sleep(_POLL_S)
            finally:
                locust.stop(_GRACE_S)
        if code:
            raise StackError(
                f"locust ended by itself with exit code {code}; its log ends with: "
                f"{locust.log_tail(8)}"
            )

    def failures(self) -> tuple[FailedRequests, ...]:
        """Return what failed in the whole run by Locust's own count, nothing if it left none."""
        try:
            entries = json.loads(self._stats_file.read_text(encoding="utf-8"))
            return tuple(
                FailedRequests(
                    name=str(entry["name"]),
                    requests=int(entry["num_requests"]),
                    failures=int(entry["num_failures"]),
                )
                for entry in entries
                if entry["num_failures"]
            )
        except (OSError, ValueError, KeyError, TypeError):
            return ()

    @property
    def _stats_file(self) -> Path:
        return self.logs / "locust-stats.json"

    def _arguments(self, port: int) -> list[str]:
        """Return Locust's arguments; its processes, if it is several, meet at the port."""
        options = self.options
        users = options.users if options.users is not None else options.processes
        asked = {
            "users": users,
            "spawn-rate": users,
            "json-file": self._stats_file.with_suffix(""),
            "exit-code-on-error": 0,
            **self.addresses,
            "scenario": options.scenario.name,
            "accounts": dataset.EXAMPLE_USERS,
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


def _pids(pid: int) -> dict[str, int]:
    """Return the processes by name: Locust and its workers."""
    # What reads the options of a load needs none of it.
    import psutil  # noqa: PLC0415

    found = {"locust": pid}
    with suppress(psutil.NoSuchProcess):
        for number, worker in enumerate(psutil.Process(pid).children(), start=1):
            found[f"locust-worker-{number}"] = worker.pid
    return found


def collect_samples(folder: Path, scenario: Scenario) -> tuple[list[Sample], tuple[str, ...]]:
    """Return the samples of all ``samples-*.csv.gz`` by their start, and what cannot be read.

    A damaged file is left out, and said. In a mix every request stands alone. Sessions that were
    cut off by the end of the run are left out, unless something failed in them. Sessions are
    numbered over all processes, anew in each block.
    """
    sessions: list[list[Sample]] = []
    damage = []
    for file in sorted(folder.glob("samples-*.csv.gz")):
        try:
            own = read_samples(file)
        except SamplesUnreadable as error:
            damage.append(f"Nothing of {file.name} can be read: {error}")
            continue
        sessions += [[one] for one in own] if scenario.kind == "mix" else _whole(own, scenario)
    numbers: dict[int, Iterator[int]] = defaultdict(count)
    numbered = []
    for session in sorted(sessions, key=lambda session: session[0].start_s):
        number = next(numbers[session[0].block])
        numbered += [replace(one, session=number, index=at) for at, one in enumerate(session)]
    return numbered, tuple(damage)


def _whole(samples: Iterable[Sample], scenario: Scenario) -> list[list[Sample]]:
    sessions: dict[int, list[Sample]] = defaultdict(list)
    for sample in samples:
        sessions[sample.session].append(sample)
    return [
        session
        for session in sessions.values()
        if len(session) == scenario.requests or any(sample.status != _HTTP_OK for sample in session)
    ]
