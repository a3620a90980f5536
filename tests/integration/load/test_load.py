"""``fivefold load`` with real servers, real services and the real Locust, as short as it can be."""

import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import psutil
import pytest
from rich.console import Console

from benchmarks.analysis.checks.check import failed_checks
from benchmarks.load.job import load
from benchmarks.load.options import LoadOptions
from benchmarks.report.computed import Results
from benchmarks.report.results import read_results
from benchmarks.runner.services import Dependencies
from benchmarks.stack import dataset
from benchmarks.stack.embedded import Stack
from benchmarks.storage.run_folder import Run
from benchmarks.storage.samples import read_samples
from tests.patient import start_patient
from tests.waiting import is_gone

pytestmark = [pytest.mark.servers, pytest.mark.timeout(600)]

# What these say depends on what else the machine does; a run as short as this decides nothing.
OF_THE_MACHINE = {"noise", "drift", "client", "machine", "pace", "redis"}
FEW_ACCOUNTS = """
import sys
from benchmarks.stack import dataset

dataset.EXAMPLE_USERS = int(sys.argv.pop(1))
from benchmarks.cli.main import main
sys.exit(main())
"""
"""The command with fewer accounts than it has; their number comes before its name."""
SERIES = {"uncached", "cached", "uncached again", "cached again"}
ACCOUNTS = 2
"""Few, because each is logged in first, and hashing takes its time."""
SECONDS = 6
"""As short as a load can be: two observations of each series."""


def loaded(folder: Path, servers: Stack) -> tuple[int, Results]:
    assert servers.redis is not None
    named = {"MONGODB_URL": servers.mongo.url, "REDIS_URL": servers.redis.url}
    options = LoadOptions("mostly-reads", users=2, seconds=SECONDS, out=folder / "reports")
    dependencies = Dependencies(
        console=Console(file=StringIO(), width=120),
        draw=lambda _: (),
        start_service=start_patient,
    )
    code = load(options, named, dependencies=dependencies)
    return code, read_results(Run(folder / "reports" / "latest"))


def test_a_short_load_is_measured_and_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, servers: Stack
) -> None:
    monkeypatch.setattr(dataset, "EXAMPLE_USERS", ACCOUNTS)

    code, results = loaded(tmp_path, servers)

    run = tmp_path / "reports" / "latest"
    samples = read_samples(run / "samples.csv.gz")
    blocks: dict[int, set[tuple[str, int]]] = defaultdict(set)
    for each in samples:
        blocks[each.block].add((each.variant, each.observation))
    # In a block everybody is on one variant.
    assert all(len(met) == 1 for met in blocks.values())
    assert set().union(*blocks.values()) <= {(one, number) for one in SERIES for number in range(2)}
    # How much that is, and on a busy machine even whether, is a matter of the machine.
    assert results.load is not None
    assert (results.load.damage, results.load.failures) == ((), ())
    assert sum(sum(each.outcomes.values()) for each in results.blocks) == len(samples)
    assert (run / "report.html").exists()
    if results.state == "broken":
        # A database that stalls for seconds leaves blocks without an answer.
        assert (code, results.summaries) == (4, ())
        assert results.reason.startswith("no round of blocks has answers of both variants")
        return
    assert code in {0, 3}
    assert {check.name for check in failed_checks(results.checks)} <= OF_THE_MACHINE
    [summary] = results.summaries
    uncached, cached = summary.variants
    assert uncached.hit_ratio == 0 < cached.hit_ratio


@pytest.fixture
def begun(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Start a load of two processes, and wait for its first samples."""
    command = [sys.executable, "-c", FEW_ACCOUNTS, str(ACCOUNTS), "load", "zipf"]
    command += ["--users", "2", "--seconds", "30", "--processes", "2"]
    with subprocess.Popen(
        [*command, "--out", str(tmp_path / "reports")],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    ) as process:
        while not list(tmp_path.glob("fivefold-*/samples-*")):
            assert process.poll() is None
            time.sleep(0.1)
        yield process


def test_an_interrupted_load_leaves_nothing_running(
    begun: subprocess.Popen[str], tmp_path: Path
) -> None:
    below = psutil.Process(begun.pid).children(recursive=True)
    # Ctrl-C may be ignored where tests run in the background.
    begun.send_signal(signal.SIGTERM)
    output, _ = begun.communicate(timeout=120)

    assert begun.returncode == 4
    assert "The run is interrupted" in output
    run = tmp_path / "reports" / "latest"
    assert read_results(Run(run)).state == "interrupted"
    assert read_samples(run / "samples.csv.gz")
    assert [each for each in below if not is_gone(each.pid)] == []
    assert [each.name for each in tmp_path.iterdir()] == ["reports"]


def test_a_load_of_which_a_worker_was_killed_is_broken_and_says_so(
    begun: subprocess.Popen[str],
) -> None:
    below = psutil.Process(begun.pid).children(recursive=True)
    [master] = [each for each in below if each.ppid() == begun.pid and "locust" in each.cmdline()]
    [*_, worker] = master.children()
    worker.kill()
    output, _ = begun.communicate(timeout=120)

    assert begun.returncode == 4
    assert "1 of 2 workers ended before the run did" in " ".join(output.split())
    assert "What was measured is saved" in " ".join(output.split())
