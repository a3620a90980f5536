"""A run read back: its results, and for every cell the values of its blocks."""

import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmarks.analysis.quantities.blocks import block_means_ms, duration_ms
from benchmarks.analysis.quantities.plan import responses
from benchmarks.analysis.stats.intervals import LEAST_OBSERVATIONS
from benchmarks.capacity.files import CapacityRun, StepsUnreadable
from benchmarks.report.capacity import SweepResults, assemble_sweep, sweep_from_json
from benchmarks.report.computed import Results
from benchmarks.report.results import ResultsUnreadable, computing, read_results
from benchmarks.storage.records import AGAIN, LOAD, Sample, SweepStep
from benchmarks.storage.run_folder import Run
from benchmarks.storage.samples import SamplesUnreadable
from benchmarks.storage.usage import UsageError

RunKind = Literal["comparison", "sweep"]
Turn = tuple[int, int]
"""Restart and observation: when a block had its turn."""


@dataclass(frozen=True, slots=True, order=True)
class CaseKey:
    """A cell: a variant in a scenario and a regime, or at a step of a sweep."""

    scenario: str
    regime: str
    variant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCell:
    """The independent values of one case, all positive.

    ``amounts`` are milliseconds per request or, of a sweep, requests per second; ``speedups``
    how many times better than the reference, None for the reference itself. One value is the
    geometric mean of a service process where there were several, else it is that of a block.
    """

    amounts: Sequence[float]
    speedups: Sequence[float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRun:
    """One run on disk. ``restarts`` is how often its services were started."""

    name: str
    kind: RunKind
    results: Results | SweepResults
    cells: Mapping[CaseKey, StoredCell]
    restarts: int


def read_run(folder: Path) -> StoredRun:
    """Read a comparison or a sweep; raises ``UsageError`` when the folder holds neither."""
    try:
        if CapacityRun(folder).steps_file.exists():
            return _sweep(CapacityRun(folder))
        return _comparison(Run(folder))
    except (OSError, ResultsUnreadable, SamplesUnreadable, StepsUnreadable) as error:
        raise UsageError(
            f"{folder} is not the folder of a run that can be compared, such as reports/latest: "
            f"{error}"
        ) from error


def _comparison(run: Run) -> StoredRun:
    # A run that was killed has its header and samples, and nothing that is computed at the end.
    results = read_results(run)
    samples = run.samples()
    with computing(run):
        return StoredRun(
            name=run.path.resolve().name,
            kind="comparison",
            results=results,
            cells=_cells_of_samples(samples, results),
            restarts=len({sample.restart for sample in samples}),
        )


def _sweep(run: CapacityRun) -> StoredRun:
    header, steps = sweep_from_json(run.results_file.read_text(encoding="utf-8")), run.steps()
    with computing(run):
        results = assemble_sweep(header, steps)
    return StoredRun(
        name=run.path.resolve().name,
        kind="sweep",
        results=results,
        cells=_cells_of_steps(steps, results),
        restarts=1,
    )


def _cells_of_samples(samples: Iterable[Sample], results: Results) -> dict[CaseKey, StoredCell]:
    # In a noise regime every variant is compared with itself: there is no speedup in it.
    noise = {each.name for each in results.regimes if each.role == "noise"}
    samples = responses(list(samples))
    blocks: dict[CaseKey, dict[Turn, list[float]]] = defaultdict(lambda: defaultdict(list))
    for sample in samples:
        if sample.regime not in noise and not sample.variant.endswith(AGAIN):
            case = CaseKey(sample.scenario, sample.regime, sample.variant)
            blocks[case][sample.restart, sample.observation].append(duration_ms(sample))
    means = {
        case: {turn: statistics.fmean(times) for turn, times in turns.items()}
        for case, turns in blocks.items()
    }
    means |= _of_load([sample for sample in samples if sample.regime == LOAD])
    # A faster variant has the smaller time, so its speedup is the reference's over its own.
    inverse = {
        case: {turn: 1 / value for turn, value in turns.items()} for case, turns in means.items()
    }
    return _cells(means, rates=inverse, reference=results.variants[0].name)


def _of_load(samples: Sequence[Sample]) -> dict[CaseKey, dict[Turn, float]]:
    """Return the means of the usual mix: of a load, chance decides what falls into a block."""
    cases: dict[CaseKey, set[int]] = defaultdict(set)
    for sample in samples:
        if not sample.variant.endswith(AGAIN):
            case = CaseKey(sample.scenario, sample.regime, sample.variant)
            cases[case].add(sample.observation)
    return {
        case: dict(
            zip(
                ((0, observation) for observation in sorted(observations)),
                block_means_ms(samples, case.variant),
                strict=True,
            )
        )
        for case, observations in cases.items()
    }


def _cells_of_steps(steps: Iterable[SweepStep], results: SweepResults) -> dict[CaseKey, StoredCell]:
    rates: dict[CaseKey, dict[Turn, float]] = defaultdict(dict)
    for step in steps:
        # A step without answers has no logarithm; its guard has failed already.
        if step.requests:
            case = CaseKey("capacity", f"{step.connections} conn.", step.variant)
            rates[case][0, step.round] = step.rate
    return _cells(rates, rates=rates, reference=results.variants[0].name)


def _cells(
    amounts: Mapping[CaseKey, Mapping[Turn, float]],
    *,
    rates: Mapping[CaseKey, Mapping[Turn, float]],
    reference: str,
) -> dict[CaseKey, StoredCell]:
    """Pair every rate with the reference's of the same turn; amounts need no pair."""
    cells = {}
    for case, own in rates.items():
        others = rates.get(CaseKey(case.scenario, case.regime, reference), {})
        pairs = {turn: own[turn] / others[turn] for turn in own.keys() & others.keys()}
        cells[case] = StoredCell(
            amounts=independent(amounts[case]),
            speedups=None if case.variant == reference else independent(pairs),
        )
    return cells


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
