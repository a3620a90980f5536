"""``locust -f benchmarks/locustfile.py`` on real services, as Locust users know it."""

import json
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import pytest

from benchmarks.stack.embedded import Stack
from benchmarks.stack.locust import LOCUSTFILE, environment
from benchmarks.stack.ports import HOST
from benchmarks.stack.service import start_service
from benchmarks.storage.records import Sample
from benchmarks.storage.samples import read_samples
from tests.hearing import hearing
from tests.patient import PATIENT
from tests.waiting import until

pytestmark = [pytest.mark.servers, pytest.mark.timeout(600)]
BOTH = {"uncached", "cached"}
TABLES = ("--json-file", "table", "--csv", "run")
ACCOUNTS = 2
"""Few, because each is logged in first, and hashing takes its time."""
SETTINGS = {
    "ENVIRONMENT": "development",
    "TRUSTED_PROXIES": "127.0.0.1",
    "LOG_LEVEL": "WARNING",
    **PATIENT,
}
_DEADLINE_S = 300.0
until_seen = partial(until, what="a step of the run", deadline_s=_DEADLINE_S, poll_s=0.2)
"""Waits for something that is read of a run."""


@dataclass
class Locusts:
    """Locust processes that share a folder; all of them are gone at the end."""

    folder: Path
    targets: Mapping[str, str]
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start one."""
        # One file keeps both outputs in their order, and unlike a pipe without a reader it
        # never fills up.
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
                    # Ten requests per second of each user are enough to see what becomes of them.
                    "FIVEFOLD_THINK_SECONDS": "0.1",
                }
                | dict(self.targets),
            )
        self.running.append(process)
        return process

    def run(self, *arguments: str, users: int, until_it: Callable[[], bool]) -> None:
        """Run one headless until that is so, and end it; it has to be fine."""
        process = self.start("--headless", "-u", str(users), "-r", str(users), *TABLES, *arguments)
        until_seen(lambda: process.poll() is not None or until_it())
        said = self.end(process, signal.SIGTERM)
        assert process.returncode == 0, said

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

    def shows(self, what: str) -> bool:
        """Tell whether the table of ``--csv`` has something in it by now."""
        file = self.folder / "run_stats.csv"
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

    @property
    def totals(self) -> Counter[str]:
        """Return Locust's own count of the requests, from ``--json-file``."""
        entries = json.loads((self.folder / "table.json").read_text())
        return Counter({entry["name"]: entry["num_requests"] for entry in entries})

    def _log(self, number: int) -> Path:
        return self.folder / f"said-{number}.txt"


@contextmanager
def locusts(folder: Path, targets: Mapping[str, str]) -> Iterator[Locusts]:
    """Make place for some Locust processes."""
    with ExitStack() as cleanup:
        made = Locusts(folder, targets)
        cleanup.callback(made.stop)
        yield made


@pytest.fixture(scope="module", name="targets")
def _targets(
    servers: Stack, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, str]]:
    """Run a service of each variant for the tests that do not break them."""
    folder = tmp_path_factory.mktemp("services")
    assert servers.redis is not None
    with ExitStack() as cleanup:
        yield {
            f"FIVEFOLD_{variant.upper()}": cleanup.enter_context(
                start_service(
                    mongo_url=servers.mongo.url,
                    database=f"load_{uuid4().hex[:12]}",
                    redis_url=redis,
                    log=folder / f"{variant}.log",
                    env=SETTINGS,
                )
            ).url
            for variant, redis in (("uncached", None), ("cached", servers.redis.url))
        }


@pytest.fixture(name="load")
def _load(targets: Mapping[str, str], tmp_path: Path) -> Iterator[Locusts]:
    with locusts(tmp_path, targets) as load:
        yield load


def _has_both(load: Locusts, process: subprocess.Popen[bytes]) -> bool:
    """Tell whether a process has recorded both variants."""
    return {one.variant for one in load.of(process)} == BOTH


def _roles(port: int, workers: int) -> tuple[list[str], list[str]]:
    """Return the options of a master and of a worker that find each other."""
    users = ["--headless", "-u", "4", "-r", "4", "--expect-workers", str(workers)]
    return (
        ["--master", "--master-bind-host", HOST, "--master-bind-port", str(port), *users],
        ["--worker", "--master-host", HOST, "--master-port", str(port)],
    )


def test_workers_load_both_variants_at_once_and_the_totals_of_their_master_are_what_they_kept(
    load: Locusts, closed_port: int
) -> None:
    def hits_mostly() -> bool:
        lists = [one for one in load.samples if one.action == "list"]
        outcomes = [one.outcome for one in lists if one.variant == "cached"]
        return len(outcomes) < len(lists) and 5 <= outcomes.count("hit") > len(outcomes) / 2

    as_master, as_worker = _roles(closed_port, workers=2)
    workers = [load.start(*as_worker) for _ in range(2)]
    master = load.start(*as_master, *TABLES, "--html", "run.html")
    until_seen(lambda: all(_has_both(load, worker) for worker in workers) and hits_mostly())
    # Only Ctrl-C leaves everything that a run leaves, Locust's page with the results included.
    said = load.end(master, signal.SIGINT) + "".join(map(load.end, workers))
    samples = load.samples
    outcomes = {one: {each.outcome for each in samples if each.variant == one} for one in BOTH}

    assert [process.returncode for process in (master, *workers)] == [0, 0, 0], said
    assert {sample.status for sample in samples} == {200}
    assert outcomes["uncached"] <= {"bypass", "write"}
    assert {"hit"} <= outcomes["cached"] <= {"hit", "miss", "partial", "write"}
    assert load.totals == Counter(f"{one.variant}: {one.action}" for one in samples)
    assert "cached: list" in (load.folder / "run.html").read_text()
    assert load.shows("cached: list")


def test_a_run_survives_a_worker_that_leaves_and_one_that_comes_late_counts_from_its_begin(
    load: Locusts, closed_port: int
) -> None:
    as_master, as_worker = _roles(closed_port, workers=1)
    master = load.start(*as_master, *TABLES)
    leaving = load.start(*as_worker)
    until_seen(lambda: bool(load.of(leaving)) and load.shows("list"))
    reached_s = load.of(leaving)[-1].start_s
    late = load.start(*as_worker)
    until_seen(lambda: bool(load.of(late)))
    leaving.send_signal(signal.SIGKILL)
    leaving.wait()
    before = len(load.of(late))
    until_seen(lambda: len(load.of(late)) > before and _has_both(load, late))
    said = load.end(master, signal.SIGTERM)
    load.end(late)

    assert (master.returncode, late.returncode) == (0, 0), said
    # From a begin of its own it would be behind the one that had left before.
    assert reached_s < load.of(late)[0].start_s
    assert load.of(leaving)[-1].start_s < load.of(late)[-1].start_s
    # What the one that left had not reported yet is lost to the master.
    assert len(load.of(late)) < load.totals.total()


@pytest.fixture(scope="module", name="sessions")
def _sessions(
    targets: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Locusts]:
    """Run the classes whose users have accounts of their own."""
    with locusts(tmp_path_factory.mktemp("sessions"), targets) as load:

        def all_seen() -> bool:
            seen = {(one.scenario, one.variant) for one in load.samples}
            return len(seen) == 6 and any(one.index > 0 for one in _cached(load, "session"))

        load.run("FiveRequests", "WarmReads", "Updates", users=6, until_it=all_seen)
        yield load


def _cached(load: Locusts, *scenarios: str) -> list[Sample]:
    return [one for one in load.samples if one.variant == "cached" and one.scenario in scenarios]


def test_a_session_from_cold_meets_a_changed_list_and_hits_after_it(sessions: Locusts) -> None:
    cached = _cached(sessions, "session")

    assert {(one.index == 0, one.outcome) for one in cached} == {(True, "partial"), (False, "hit")}
    assert {one.slots for one in cached if one.index == 0} == {"todos=invalidated user=hit"}


def test_no_request_is_lost_and_what_only_prepares_a_session_is_recorded_nowhere(
    sessions: Locusts,
) -> None:
    recorded = sessions.samples

    assert {one.outcome for one in _cached(sessions, "hits", "writes")} == {"hit", "write"}
    assert sessions.totals.total() == len(recorded)


def test_the_time_of_a_request_is_neither_less_than_the_service_took_nor_any_of_the_thinking(
    sessions: Locusts,
) -> None:
    # They are of one user.
    hits = _cached(sessions, "hits")

    assert all(1000 * one.duration_s > (one.app_ms or 0) > 0 for one in hits)
    assert all(one.start_s + one.duration_s <= after.start_s for one, after in pairwise(hits))


def test_an_open_loop_keeps_its_rate_its_times_count_from_when_each_was_due_and_none_is_lost(
    load: Locusts,
) -> None:
    options = ("--open-rate", "20", "OpenLoop")
    load.run(*options, users=1, until_it=lambda: len(load.samples) >= 80)
    samples = load.samples
    due_s = sorted(one.intended_start_s for one in samples)

    # The mean of 80 gaps of a Poisson process is within 35 % of its own, whoever is late.
    assert len(samples) / (due_s[-1] - due_s[0]) == pytest.approx(20, rel=0.35)
    # A timer is never early, and hardly ever to the nanosecond.
    assert all(one.intended_start_s < one.start_s for one in samples)
    assert len({one.intended_start_s for one in samples}) == len(samples)
    assert load.totals.total() == len(samples)


def test_the_run_time_counts_from_when_every_worker_can_send(
    load: Locusts, closed_port: int
) -> None:
    # Hashing for so many takes longer than the run.
    load.targets = {**load.targets, "FIVEFOLD_ACCOUNTS": "12"}
    port = str(closed_port)
    meeting = ["--master-bind-host", HOST, "--master-bind-port", port, "--master-port", port]
    master = load.start(
        "--headless", "-u", "4", "-r", "4", "-t", "3s", "--processes", "2", *meeting
    )

    said = load.end(master)

    assert master.returncode == 0, said
    assert load.samples


def test_a_run_in_which_nothing_was_sent_is_a_failure(tmp_path: Path) -> None:
    users = ("--headless", "-u", "1", "-r", "1", "-t", "1s")
    with locusts(tmp_path, {"LOCUST_HOST": "http://127.0.0.1:9"}) as alone:
        # Its arrivals are an hour apart.
        process = alone.start(*users, "--open-rate", "0.01", "OpenLoop")
        said = alone.end(process)

    assert process.returncode == 1, said
    assert "No request was sent" in said
