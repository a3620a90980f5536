"""A run read back: its results, and for every case the speedups that were measured."""

import math
import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.analysis.quantities.blocks import duration_ms, shares, stratified_means
from benchmarks.analysis.quantities.plan import responses
from benchmarks.analysis.stats.intervals import LEAST_OBSERVATIONS
from benchmarks.report.computed import Results
from benchmarks.report.results import ResultsUnreadable, computing, read_results
from benchmarks.storage.records import AGAIN, LOAD, Sample
from benchmarks.storage.run_folder import Run
from benchmarks.storage.samples import SamplesUnreadable
from benchmarks.storage.usage import UsageError

Turn = tuple[int, int]
"""Restart and observation: when a block had its turn."""


@dataclass(frozen=True, slots=True, order=True)
class CaseKey:
    """A variant in a scenario and a regime."""

    scenario: str
    regime: str
    variant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRun:
    """One run on disk.

    ``speedups`` has the independent values of each case, how many times as fast as the reference:
    one of each start of the services where there were several, else one of each block.
    """

    name: str
    results: Results
    speedups: Mapping[CaseKey, Sequence[float]]


def read_run(folder: Path) -> StoredRun:
    """Read a comparison; raises ``UsageError`` when the folder does not hold one."""
    run = Run(folder)
    try:
        # A run that was killed has its header and samples, and nothing that is computed at the end.
        results, samples = read_results(run), run.samples()
        with computing(run):
            speedups = _speedups(samples, results)
    except (OSError, ResultsUnreadable, SamplesUnreadable) as error:
        raise UsageError(
            f"{folder} is not the folder of a run that can be compared, such as reports/latest: "
            f"{error}"
        ) from error
    return StoredRun(name=run.path.resolve().name, results=results, speedups=speedups)


def _speedups(samples: Sequence[Sample], results: Results) -> dict[CaseKey, list[float]]:
    # In a noise regime every variant is compared with itself: there is no speedup in it.
    noise = {each.name for each in results.regimes if each.role == "noise"}
    measured: dict[tuple[str, str], list[Sample]] = defaultdict(list)
    for sample in responses(samples):
        if sample.regime not in noise:
            measured[sample.scenario, sample.regime].append(sample)
    found = {}
    for (scenario, regime), group in measured.items():
        means = _means(group, weighed=regime == LOAD)
        reference = means.pop(results.variants[0].name, {})
        for variant, own in means.items():
            # The blocks of one turn were measured close together in time.
            pairs = {turn: reference[turn] / own[turn] for turn in own.keys() & reference.keys()}
            found[CaseKey(scenario, regime, variant)] = independent(pairs)
    return found


def _means(group: Sequence[Sample], *, weighed: bool) -> dict[str, dict[Turn, float]]:
    """Return the mean time of a request in each block of each variant.

    Where it is ``weighed``, of the usual mix of actions: of a load, chance decides what falls into
    a block.
    """
    values: dict[str, list[tuple[Turn, str, float]]] = defaultdict(list)
    for sample in group:
        kind = sample.action if weighed else ""
        turn = (sample.restart, sample.observation)
        values[sample.variant].append((turn, kind, duration_ms(sample)))
    usual = shares(kind for each in values.values() for _, kind, _ in each)
    return {
        variant: stratified_means(own, usual)
        for variant, own in values.items()
        if not variant.endswith(AGAIN)
    }


def independent(values: Mapping[Turn, float]) -> list[float]:
    """Return what varies independently: the means of the restarts, else the values themselves.

    Blocks on the same service process share what that process is like, so that many of them say
    little about the next process: Kalibera and Jones, "Rigorous benchmarking in reasonable time",
    ISMM 2013. The means are geometric.
    """
    by_restart: dict[int, list[float]] = defaultdict(list)
    for turn in sorted(values):
        by_restart[turn[0]].append(values[turn])
    if len(by_restart) < LEAST_OBSERVATIONS:
        return [values[turn] for turn in sorted(values)]
    return [math.exp(statistics.fmean(map(math.log, each))) for each in by_restart.values()]
