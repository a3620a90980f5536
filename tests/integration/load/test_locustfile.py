"""``locust -f benchmarks/locustfile.py`` on real services, as Locust users know it."""

import signal
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks.stack.embedded import Stack
from benchmarks.stack.ports import HOST
from benchmarks.storage.records import Sample
from tests.integration.load.locusts import Locusts, locusts, service, until_seen

pytestmark = [pytest.mark.servers, pytest.mark.timeout(600)]
BOTH = {"uncached", "cached"}


@pytest.fixture(scope="module", name="targets")
def _targets(
    servers: Stack, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, str]]:
    """Run a service of each variant for the tests that do not break them."""
    folder = tmp_path_factory.mktemp("services")
    with (
        service(servers, folder, cached=False) as uncached,
        service(servers, folder, cached=True) as cached,
    ):
        yield {"FIVEFOLD_UNCACHED": uncached, "FIVEFOLD_CACHED": cached}


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
    tables = ("--json-file", "table", "--csv", "run", "--html", "run.html")
    master = load.start(*as_master, *tables)
    until_seen(lambda: all(_has_both(load, worker) for worker in workers) and hits_mostly())
    # Only Ctrl-C leaves everything that a run leaves, Locust's page with the results included.
    said = load.end(master, signal.SIGINT) + "".join(map(load.end, workers))
    samples = load.samples
    outcomes = {one: {each.outcome for each in samples if each.variant == one} for one in BOTH}
    totals = {entry["name"]: entry["num_requests"] for entry in load.table("table")}

    assert [process.returncode for process in (master, *workers)] == [0, 0, 0], said
    assert {sample.status for sample in samples} == {200}
    assert outcomes["uncached"] <= {"bypass", "write"}
    assert {"hit"} <= outcomes["cached"] <= {"hit", "miss", "partial", "write"}
    assert totals == Counter(f"{one.variant}: {one.action}" for one in samples)
    assert len({one.session for one in samples}) == len(samples)
    assert "cached: list" in (load.folder / "run.html").read_text()
    assert load.shows("stats", "cached: list")


def test_a_run_survives_a_worker_that_leaves_and_one_that_comes_late_counts_from_its_begin(
    load: Locusts, closed_port: int
) -> None:
    as_master, as_worker = _roles(closed_port, workers=1)
    master = load.start(*as_master, "--json-file", "table", "--csv", "run")
    leaving = load.start(*as_worker)
    until_seen(lambda: bool(load.of(leaving)) and load.shows("stats", "list"))
    reached_s = load.of(leaving)[-1].start_s
    late = load.start(*as_worker)
    until_seen(lambda: bool(load.of(late)))
    leaving.send_signal(signal.SIGKILL)
    leaving.wait()
    before = len(load.of(late))
    until_seen(lambda: len(load.of(late)) > before and _has_both(load, late))
    said = load.end(master, signal.SIGTERM)
    load.end(late)
    total = sum(entry["num_requests"] for entry in load.table("table"))

    assert (master.returncode, late.returncode) == (0, 0), said
    # From a begin of its own it would be behind the one that had left before.
    assert reached_s < load.of(late)[0].start_s
    assert load.of(leaving)[-1].start_s < load.of(late)[-1].start_s
    # What the one that left had not reported yet is lost to the master.
    assert len(load.of(late)) < total


@pytest.fixture(scope="module", name="sessions")
def _sessions(
    targets: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Locusts]:
    """Run the classes whose users have accounts of their own."""
    with locusts(tmp_path_factory.mktemp("sessions"), targets) as load:

        def all_seen() -> bool:
            seen = {(one.scenario, one.variant) for one in load.samples}
            return len(seen) == 6 and any(one.index > 0 for one in _cached(load, "session"))

        classes = ("FiveRequests", "WarmReads", "Updates")
        code, said = load.run(
            *("--json-file", "table", *classes),
            users=6,
            until_it=all_seen,
            then=signal.SIGTERM,
        )
        assert code == 0, said
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
    assert sum(entry["num_requests"] for entry in sessions.table("table")) == len(recorded)


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
    options = ("--open-rate", "20", "--json-file", "table", "OpenLoop")
    code, said = load.run(
        *options, users=1, until_it=lambda: len(load.samples) >= 80, then=signal.SIGTERM
    )
    samples = load.samples
    due_s = sorted(one.intended_start_s for one in samples)

    assert code == 0, said
    # The mean of 80 gaps of a Poisson process is within 35 % of its own, whoever is late.
    assert len(samples) / (due_s[-1] - due_s[0]) == pytest.approx(20, rel=0.35)
    # A timer is never early, and hardly ever to the nanosecond.
    assert all(one.intended_start_s < one.start_s for one in samples)
    assert len({one.intended_start_s for one in samples}) == len(samples)
    assert sum(entry["num_requests"] for entry in load.table("table")) == len(samples)


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
