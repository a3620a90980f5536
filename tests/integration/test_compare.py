"""The whole comparison on real servers, as small as it can be."""

from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.analysis.checks.check import failed_checks
from benchmarks.analysis.header import BlockPlan
from benchmarks.comparison.compare import compare
from benchmarks.report.computed import Results
from benchmarks.report.results import read_results
from benchmarks.runner.options import CompareOptions
from benchmarks.runner.services import Dependencies
from benchmarks.stack.embedded import Stack
from benchmarks.storage.records import NOISE
from benchmarks.storage.run_folder import Run
from tests.patient import start_patient

REGIMES = {"native", "50ms-per-request", "50ms-per-query"}
# What these say depends on what else the machine does; a run as small as this decides nothing.
OF_THE_MACHINE = {"redis", "machine", "client", "noise", "drift", "control"}


def results_of(folder: Path, servers: Stack) -> Results:
    """Compare sessions with the least work of a profile."""
    options = CompareOptions.from_profile(scenarios=["session"], out=folder / "reports")
    plan = BlockPlan(2, 1)
    profile = replace(
        options.profile, users=2, warmup_sessions=2, restarts=2, sweeps=0, probe_seconds=0.5
    )
    cases = [replace(case, plan=plan) for case in options.cases if case.regime in REGIMES | {NOISE}]
    with (folder / "output").open("w") as output:
        dependencies = Dependencies(
            console=Console(file=output), draw=lambda _: (), start_service=start_patient
        )
        compare(
            replace(options, cases=cases, profile=profile),
            # Of the Redis, which has to be empty, there is one of its own.
            {"MONGODB_URL": servers.mongo.url},
            dependencies=dependencies,
        )
    return read_results(Run(folder / "reports" / "latest"))


@pytest.mark.servers
def test_cached_and_uncached_are_compared_in_three_regimes(tmp_path: Path, servers: Stack) -> None:
    results = results_of(tmp_path, servers)

    assert results.state == "complete"
    # On a busy machine so short a probe may not come to a write.
    failed = [
        check for check in failed_checks(results.checks) if "so short a probe" not in check.advice
    ]
    assert {check.name for check in failed} <= OF_THE_MACHINE
    if all(regime.skipped is None for regime in results.regimes):
        assert "delay" in {check.name for check in results.checks}
    # Every variant is compared with itself, and of five reads one reaches the database.
    assert {each.variant for each in results.noise} == {"uncached", "cached"}
    finds = {
        each.variant: [
            sum(getattr(getattr(each, when), f"{slot}_finds") for when in ("cold", "warm"))
            / each.sessions
            for slot in ("user", "todos")
        ]
        for each in results.counters
    }
    assert finds == {"uncached": [5.0, 5.0], "cached": [1.0, 1.0]}
    for summary in results.summaries:
        if summary.scenario == "session":
            assert [variant.hit_ratio for variant in summary.variants] == [0.0, 0.8]
