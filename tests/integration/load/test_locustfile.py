"""``locust -f benchmarks/locustfile.py`` on real services, as Locust users know it."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks.stack.embedded import Stack
from benchmarks.stack.locust import start_locust
from benchmarks.stack.ports import HOST
from benchmarks.stack.process import Process
from benchmarks.storage.records import Sample
from benchmarks.storage.samples import read_samples
from tests.patient import PATIENT, both_variants
from tests.waiting import until

pytestmark = [pytest.mark.servers, pytest.mark.timeout(600)]
BOTH = {"uncached", "cached"}
# Few accounts, because each is logged in first, and hashing takes its time. Ten requests per second
# of each user are enough to see what becomes of them.
FEW = ("--accounts", "2", "--think-seconds", "0.1")
_DEADLINE_S = 300.0
until_seen = partial(until, what="a step of the run", deadline_s=_DEADLINE_S, poll_s=0.2)
"""Waits for something that is read of a run."""


@dataclass
class Locusts:
    """Locust processes that share a folder; all of them are gone at the end."""

    folder: Path
    options: tuple[str, ...]
    running: list[Process] = field(default_factory=list)

    def start(self, *arguments: str) -> Process:
        """Start one."""
        log = self.folder / f"said-{len(self.running)}.txt"
        samples = ("--samples-dir", str(self.folder))
        named = [*self.options, *samples, *arguments]
        self.running.append(start_locust(named, name="locust", log=log))
        return self.running[-1]

    @property
    def tables(self) -> tuple[str, ...]:
        """Return the options that write Locust's own tables."""
        return ("--json-file", str(self.folder / "table"), "--csv", str(self.folder / "run"))

    def run(self, *arguments: str, users: int, until_it: Callable[[], bool]) -> None:
        """Run one headless until that is so, and end it; it has to be fine."""
        process = self.start(*headless(users), *self.tables, *arguments)
        until_seen(lambda: process.poll() is not None or until_it())
        process.stop(_DEADLINE_S)
        assert process.poll() == 0, process.log_tail()

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

    def of(self, process: Process) -> list[Sample]:
        """Return the raw samples of one process, none before it has written some."""
        file = self.folder / f"samples-{process.pid}.csv.gz"
        return read_samples(file) if file.exists() else []

    @property
    def totals(self) -> Counter[str]:
        """Return Locust's own count of the requests, from ``--json-file``."""
        entries = json.loads((self.folder / "table.json").read_text())
        return Counter({entry["name"]: entry["num_requests"] for entry in entries})


@contextmanager
def locusts(folder: Path, *options: str) -> Iterator[Locusts]:
    """Make place for some Locust processes."""
    made = Locusts(folder, (*FEW, *options))
    try:
        yield made
    finally:
        for process in made.running:
            process.kill()


def headless(users: int, *more: str) -> list[str]:
    return ["--headless", "-u", str(users), "-r", str(users), *more]


def ended(process: Process) -> str:
    """Wait for the end, which has to be fine, and return what the process said."""
    until_seen(lambda: process.poll() is not None)
    said = process.log_tail()
    assert process.poll() == 0, said
    return said


@pytest.fixture(scope="module", name="targets")
def _targets(servers: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, ...]]:
    """Run a service of each variant for the tests that do not break them."""
    with both_variants(servers, tmp_path_factory.mktemp("services"), **PATIENT) as addresses:
        yield tuple(word for variant, url in addresses.items() for word in (f"--{variant}", url))


@pytest.fixture(name="load")
def _load(targets: tuple[str, ...], tmp_path: Path) -> Iterator[Locusts]:
    with locusts(tmp_path, *targets) as load:
        yield load


def _has_both(load: Locusts, process: Process) -> bool:
    """Tell whether a process has recorded both variants."""
    return {one.variant for one in load.of(process)} == BOTH


def _roles(port: int, workers: int) -> tuple[list[str], list[str]]:
    """Return the options of a master and of a worker that find each other."""
    users = headless(4, "--expect-workers", str(workers))
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
    master = load.start(*as_master, *load.tables)
    until_seen(lambda: all(_has_both(load, worker) for worker in workers) and hits_mostly())
    master.stop(_DEADLINE_S)
    samples = load.samples
    outcomes = {one: {each.outcome for each in samples if each.variant == one} for one in BOTH}

    assert all(map(ended, (master, *workers)))
    assert {sample.status for sample in samples} == {200}
    assert outcomes["uncached"] <= {"bypass", "write"}
    assert {"hit"} <= outcomes["cached"] <= {"hit", "miss", "partial", "write"}
    assert load.totals == Counter(f"{one.variant}: {one.action}" for one in samples)
    assert load.shows("cached: list")


def test_a_run_survives_a_worker_that_leaves_and_one_that_comes_late_counts_from_its_begin(
    load: Locusts, closed_port: int
) -> None:
    as_master, as_worker = _roles(closed_port, workers=1)
    master = load.start(*as_master, *load.tables)
    leaving = load.start(*as_worker)
    until_seen(lambda: bool(load.of(leaving)) and load.shows("list"))
    reached_s = load.of(leaving)[-1].start_s
    late = load.start(*as_worker)
    until_seen(lambda: bool(load.of(late)))
    leaving.kill()
    before = len(load.of(late))
    until_seen(lambda: len(load.of(late)) > before and _has_both(load, late))
    master.stop(_DEADLINE_S)

    assert ended(master)
    assert ended(late)
    # From a begin of its own it would be behind the one that had left before.
    assert reached_s < load.of(late)[0].start_s
    assert load.of(leaving)[-1].start_s < load.of(late)[-1].start_s
    # What the one that left had not reported yet is lost to the master.
    assert len(load.of(late)) < load.totals.total()


@pytest.fixture(scope="module", name="sessions")
def _sessions(
    targets: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Locusts]:
    """Run the classes whose users have accounts of their own."""
    with locusts(tmp_path_factory.mktemp("sessions"), *targets) as load:

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
    port = str(closed_port)
    meeting = ("--master-bind-host", HOST, "--master-bind-port", port, "--master-port", port)
    # To hash 12 passwords takes longer than the run.
    many = ("--accounts", "12", "--processes", "2")
    master = load.start(*headless(4, "-t", "3s"), *many, *meeting)

    assert ended(master)
    assert load.samples


def test_a_run_in_which_nothing_was_sent_is_a_failure(tmp_path: Path) -> None:
    with locusts(tmp_path, "--host", "http://127.0.0.1:9") as alone:
        # Its arrivals are an hour apart.
        process = alone.start(*headless(1, "-t", "1s"), "--open-rate", "0.01", "OpenLoop")
        until_seen(lambda: process.poll() is not None)

    assert process.poll() == 1
    assert "No request was sent" in process.log_tail()
