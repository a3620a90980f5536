"""The whole comparison on real servers, as small as it can be."""

from collections.abc import Set as AbstractSet
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from benchmarks.analysis.checks.check import failed_checks
from benchmarks.comparison.compare import compare
from benchmarks.report.computed import Results
from benchmarks.report.results import read_results
from benchmarks.runner.dependencies import Dependencies
from benchmarks.runner.options import CompareOptions
from benchmarks.stack.embedded import Stack
from benchmarks.storage.records import NOISE
from benchmarks.storage.run_folder import Run
from tests.patient import start_patient

REGIMES = {"native", "50ms-per-request", "50ms-per-query"}
# What these say depends on what else the machine does; a run as small as this decides nothing.
OF_THE_MACHINE = {"redis", "machine", "client", "noise", "drift", "control"}


def options(folder: Path, *, regimes: AbstractSet[str], **asked: Any) -> CompareOptions:
    """Return the least work of a profile in these regimes."""
    made = CompareOptions.from_profile(
        users=2, blocks=2, sessions=1, probe_seconds=0.5, out=folder / "reports", **asked
    )
    cases = tuple(case for case in made.cases if case.regime in regimes)
    return replace(made, cases=cases, warmup_sessions=2, sweeps=0)


def results_of(folder: Path, servers: Stack, **asked: Any) -> Results:
    with (folder / "output").open("w") as output:
        dependencies = Dependencies(
            console=Console(file=output), draw=lambda _: (), start_service=start_patient
        )
        # Of the Redis, which has to be empty, there is one of its own.
        compare(
            options(folder, **asked), {"MONGODB_URL": servers.mongo.url}, dependencies=dependencies
        )
    results = read_results(Run(folder / "reports" / "latest"))
    failed = failed_checks(results.checks)
    # On a busy machine so short a probe may not come to a write.
    wrong = [check for check in failed if "raise --probe-seconds" not in check.advice]
    assert [check for check in wrong if check.name not in OF_THE_MACHINE] == []
    assert results.state == "complete"
    return results


@pytest.mark.servers
def test_cached_and_uncached_are_compared_in_three_regimes(tmp_path: Path, servers: Stack) -> None:
    regimes = REGIMES | {NOISE}
    results = results_of(tmp_path, servers, regimes=regimes, scenarios=["session"], restarts=2)

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
    sessions = [each for each in results.summaries if each.scenario == "session"]
    for summary in sessions:
        assert [variant.hit_ratio for variant in summary.variants] == [0.0, 0.8]
    if all(regime.skipped is None for regime in results.regimes):
        database_ms = {summary.regime: summary.database_ms for summary in sessions}
        assert database_ms.keys() == REGIMES
        assert min(database_ms[regime] or 0.0 for regime in REGIMES - {"native"}) >= 50
        # A client waits for it too, five times; whatever else the machine does only adds to it.
        waited_ms = [
            each.session_mean_ms
            for each in results.blocks
            if (each.regime, each.variant) == ("50ms-per-request", "uncached")
        ]
        assert min(waited_ms) >= 250


@pytest.mark.servers
def test_a_rival_and_the_ceiling_are_compared_in_reading_and_writing(
    tmp_path: Path, servers: Stack
) -> None:
    results = results_of(
        tmp_path,
        servers,
        regimes={"native"},
        variants=["cached", "naive", "static"],
        scenarios=["hits", "writes"],
        restarts=1,
    )

    probed = {found.variant: found for found in results.coherence}
    assert list(probed) == ["uncached", "cached", "naive"]
    assert all(found.reads for found in probed.values())
    assert probed["uncached"].stale == probed["cached"].stale == 0
    hits, writes = (
        {
            variant.variant
            for summary in results.summaries
            if summary.scenario == scenario
            for variant in summary.variants
        }
        for scenario in ("hits", "writes")
    )
    assert hits - writes == {"static"}
    # Only what was asked for decides the exit code.
    assert not any(verdict.asked for verdict in results.verdicts)
