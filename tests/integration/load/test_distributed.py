"""A master and workers as processes of their own: what the workers saw is what the master shows."""

import signal
import subprocess
from collections import Counter

import pytest

from benchmarks.stack.ports import HOST, free_port
from tests.integration.load.locusts import Locusts, until

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]
BOTH = {"uncached", "cached"}


def _ways() -> tuple[list[str], list[str]]:
    """Return the options of a master and of a worker that find each other."""
    port = str(free_port())
    return (
        ["--master", "--master-bind-host", HOST, "--master-bind-port", port, "--headless"],
        ["--worker", "--master-host", HOST, "--master-port", port],
    )


def _has_both(load: Locusts, worker: subprocess.Popen[bytes]) -> bool:
    """Tell whether a worker has recorded both variants."""
    return load.wrote(worker) and {one.variant for one in load.of(worker)} == BOTH


def test_the_totals_of_a_master_are_the_sum_of_what_its_workers_saw(load: Locusts) -> None:
    as_master, as_worker = _ways()
    workers = [load.start(*as_worker) for _ in range(2)]
    users = ("--expect-workers", "2", "-u", "4", "-r", "4")
    master = load.start(*as_master, *users, "--json-file", "table")
    until(lambda: all(_has_both(load, worker) for worker in workers))
    said = load.end(master, signal.SIGTERM) + "".join(map(load.end, workers))
    seen = Counter(f"{one.variant}: {one.action}" for one in load.samples)

    assert [process.returncode for process in (master, *workers)] == [0, 0, 0], said
    assert {entry["name"]: entry["num_requests"] for entry in load.table("table")} == seen
    assert len({one.session for one in load.samples}) == len(load.samples)


def test_a_run_survives_a_worker_that_leaves_and_one_that_comes_late_counts_from_its_begin(
    load: Locusts,
) -> None:
    as_master, as_worker = _ways()
    users = ("--expect-workers", "1", "-u", "4", "-r", "4")
    master = load.start(*as_master, *users, "--json-file", "table", "--csv", "run")
    leaving = load.start(*as_worker)
    until(lambda: load.wrote(leaving) and load.shows("stats", "list"))
    reached_s = load.of(leaving)[-1].start_s
    late = load.start(*as_worker)
    until(lambda: load.wrote(late) and bool(load.of(late)))
    leaving.send_signal(signal.SIGKILL)
    leaving.wait()
    before = len(load.of(late))
    until(lambda: len(load.of(late)) > before and _has_both(load, late))
    said = load.end(master, signal.SIGTERM)
    load.end(late)
    total = sum(entry["num_requests"] for entry in load.table("table"))

    assert (master.returncode, late.returncode) == (0, 0), said
    # From a begin of its own it would be behind the one that had left before.
    assert reached_s < load.of(late)[0].start_s
    assert load.of(leaving)[-1].start_s < load.of(late)[-1].start_s
    # What the one that left had not reported yet is lost to the master.
    assert len(load.of(late)) < total
