"""The rows of a run's results that figures draw."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from benchmarks.analysis.claims.claim import SESSION
from benchmarks.analysis.quantities.series import SeriesRow
from benchmarks.report.computed import ModelResult, Results


class OfVariant(Protocol):
    """A row about a variant."""

    @property
    def variant(self) -> str:
        """Its name."""


class OfRegime(Protocol):
    """A row about a regime."""

    @property
    def regime(self) -> str:
        """Its name."""


_OfVariant = TypeVar("_OfVariant", bound=OfVariant)
_Row = TypeVar("_Row", bound=SeriesRow)


@dataclass(frozen=True, slots=True)
class MeasuredRow:
    """A place on the map: what a hit avoids there, how many reads hit, how fast it was."""

    name: str
    role: str
    database_ms: float
    hit_ratio: float
    speedup: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSpeedup:
    """The speedup of the session while each round trip to Redis takes ``redis_ms`` longer."""

    regime: str
    variant: str
    redis_ms: float
    hit_ratio: float
    speedup: float
    low: float | None
    high: float | None


def first_model(results: Results) -> ModelResult | None:
    """Return the first cost model of a run, None for a run without any."""
    return next(iter(results.models), None)


def claimed(results: Results, rows: Iterable[_Row]) -> list[_Row]:
    """Return the rows in the regimes that claims are judged in."""
    roles = results.roles
    return [row for row in rows if roles[row.regime] == "claim"]


def of_session(rows: Sequence[_Row]) -> list[_Row]:
    """Return the rows of the session that claims are about; without it, of what comes first."""
    scenarios = scenarios_of(rows)
    chosen = SESSION if SESSION in scenarios else next(iter(scenarios), None)
    return [row for row in rows if row.scenario == chosen]


def of_services(results: Results, rows: Iterable[_OfVariant]) -> list[_OfVariant]:
    """Leave out ceilings, which ask neither a database nor a cache."""
    kinds = results.kinds
    return [row for row in rows if kinds[row.variant] != "ceiling"]


def caching(results: Results) -> set[str]:
    """Return the variants that have a cache, as far as this project knows them."""
    return {entry.name for entry in results.variants if entry.caches}


def claimed_ratios(results: Results) -> list[float]:
    """Return how many times as fast the tutorial says that sessions are, where that was judged."""
    judged = {verdict.claim for verdict in results.verdicts}
    claims = results.arithmetic.claims
    return sorted(
        claim.value
        for name, claim in claims.items()
        if name in judged and claim.statistic == "total"
    )


def session_speedups(results: Results) -> list[SessionSpeedup]:
    """Return how fast the session was at each distance of Redis."""
    added_ms = {entry.name: entry.redis_delay_ms for entry in results.regimes}
    rows = [
        SessionSpeedup(
            regime=summary.regime,
            variant=ratio.variant,
            redis_ms=redis_ms,
            hit_ratio=summary.of(ratio.variant).hit_ratio,
            speedup=ratio.ratio,
            low=ratio.shown.low if ratio.shown else None,
            high=ratio.shown.high if ratio.shown else None,
        )
        for summary in results.summaries
        if summary.scenario == SESSION and (redis_ms := added_ms[summary.regime]) is not None
        for ratio in summary.ratios
    ]
    return of_services(results, rows)


def scenarios_of(rows: Iterable[SeriesRow]) -> list[str]:
    """Return the scenarios in their order, each once."""
    return list(dict.fromkeys(row.scenario for row in rows))


def regimes_of(rows: Iterable[OfRegime]) -> list[str]:
    """Return the regimes in their order, each once."""
    return list(dict.fromkeys(row.regime for row in rows))


def variants_of(rows: Iterable[OfVariant]) -> list[str]:
    """Return the variants in their order, each once."""
    return list(dict.fromkeys(row.variant for row in rows))


def measured(results: Results, entry: ModelResult) -> Iterator[MeasuredRow]:
    """Yield the measured places of a model's variant: its sessions and its mixes of reads."""
    variant, work_ms = entry.variant, entry.fit.work_ms
    waits = {each.key: each.database_ms for each in results.summaries}
    regimes = {each.name: each for each in results.regimes}
    for each in results.summaries:
        regime = regimes[each.regime]
        ratio = next((one for one in each.ratios if one.variant == variant), None)
        if each.scenario != entry.fit.source.scenario or ratio is None:
            continue
        if each.database_ms and regime.redis_delay_ms is None:
            avoided = each.database_ms + work_ms
            yield MeasuredRow(
                regime.name, regime.role, avoided, each.of(variant).hit_ratio, ratio.ratio
            )
    for mix in results.workloads:
        wait = waits.get((mix.scenario, mix.regime))
        if mix.variant == variant and mix.reads_speedup and wait:
            faster = mix.reads_speedup.centre
            yield MeasuredRow(mix.scenario, "mix", wait + work_ms, mix.hit_ratio, faster)


def cells(row: object, names: Sequence[str]) -> list[str]:
    """Return some values of a row as text; a number keeps its digits, what is missing is empty."""
    return [cell(getattr(row, name)) for name in names]


def cell(value: object) -> str:
    """Return a value as text; a number keeps its digits, what is missing is empty."""
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)
