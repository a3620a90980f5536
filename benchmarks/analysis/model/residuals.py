"""The errors of a fitted model where it was not fitted.

The model comes from one scenario in one regime. Here it says what every other scenario and regime
must show, knowing of each only what its own reads without a cache waited for the database, its
hit ratio and its mix; what was measured stands beside it. The requests that the model was fitted
to are left out: they agree by construction.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Self

from benchmarks.analysis.model.cost import CostModel, break_even_hit_ratio, speedup_at
from benchmarks.analysis.model.fit import Fit
from benchmarks.analysis.model.observed import (
    hit_share,
    mean_ms,
    mean_span_ms,
    select,
)
from benchmarks.analysis.model.writes import Writes, overall_speedup
from benchmarks.storage.records import Sample

LARGEST_ERROR = 0.10
"""The largest error of a prediction that is not flagged."""

# Longer sessions are mixes, in which the n-th request means nothing.
_LONGEST_SESSION = 50

Unit = Literal["ms", "times", "share"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Residual:
    """One prediction beside what was measured.

    ``error`` is (predicted - measured) / measured, or for a share the plain difference: a tenth
    of a share that is next to nothing would be nothing. ``flagged`` above :data:`LARGEST_ERROR`.
    """

    scenario: str
    regime: str
    what: str
    unit: Unit
    predicted: float
    measured: float
    error: float
    flagged: bool

    @classmethod
    def of(
        cls, *, scenario: str, regime: str, what: str, unit: Unit, predicted: float, measured: float
    ) -> Self:
        """Return a prediction with by how much it is too high, and whether that is too much."""
        off_by = predicted - measured
        error = off_by if unit == "share" else off_by / measured
        return cls(
            scenario=scenario,
            regime=regime,
            what=what,
            unit=unit,
            predicted=predicted,
            measured=measured,
            error=error,
            flagged=abs(error) > LARGEST_ERROR,
        )


def residuals(
    fit: Fit, requests: Sequence[Sample], *, redis_ms: Mapping[str, float] | None = None
) -> list[Residual]:
    """Return the predictions for everything the model was not fitted to.

    ``redis_ms`` is what was added to each round trip to Redis, by regime. Nothing is said of a
    group that lacks the reference, the variant, or the database's span.
    """
    groups: dict[tuple[str, str], list[Sample]] = defaultdict(list)
    for request in requests:
        groups[request.scenario, request.regime].append(request)
    found: list[Residual] = []
    for (scenario, regime), group in groups.items():
        if regime == fit.source.regime and (scenario == fit.source.scenario or _only_writes(group)):
            continue
        off = select(group, variant=fit.source.reference)
        on = select(group, variant=fit.source.variant)
        if off and on:
            added_ms = (redis_ms or {}).get(regime, 0.0)
            found += _Group(fit, scenario, regime, off, on, redis_ms=added_ms).residuals()
    return found


def _only_writes(group: Sequence[Sample]) -> bool:
    return all(request.outcome == "write" for request in group)


class _Group:
    """One scenario in one regime: ``off`` of the reference, ``on`` of the variant."""

    def __init__(
        self,
        fit: Fit,
        scenario: str,
        regime: str,
        off: Sequence[Sample],
        on: Sequence[Sample],
        *,
        redis_ms: float,
    ) -> None:
        self._redis_ms = redis_ms
        self._fit, self._scenario, self._regime = fit, scenario, regime
        self._off, self._on = off, on

    def residuals(self) -> Iterator[Residual]:
        wait_ms = mean_span_ms(select(self._off, outcome="bypass"), lambda read: read.db_ms)
        model = None if wait_ms is None else self._fit.at(wait_ms, redis_ms=self._redis_ms)
        if model is not None:
            yield from self._reads(model)
        if any(request.outcome == "write" for request in self._on):
            yield from self._writes(model)
        elif model is not None:
            yield from self._speedups(model)

    def _reads(self, model: CostModel) -> Iterator[Residual]:
        measured = {
            "an uncached read": (model.uncached_ms, mean_ms(select(self._off, outcome="bypass"))),
            "a miss": (model.miss_total_ms, mean_ms(select(self._on, outcome="miss"))),
            "a hit": (model.hit_total_ms, mean_ms(select(self._on, outcome="hit"))),
        }
        for what, (predicted, time_ms) in measured.items():
            if time_ms is not None:
                yield self._residual(what, "ms", predicted, time_ms)
        seen = {what: time_ms for what, (_, time_ms) in measured.items() if time_ms is not None}
        if len(seen) == len(measured):
            yield from self._break_even(model, seen)

    def _break_even(self, model: CostModel, seen: dict[str, float]) -> Iterator[Residual]:
        uncached_ms = seen["an uncached read"]
        actual = CostModel.from_means(
            uncached_ms=uncached_ms,
            miss_ms=max(uncached_ms, seen["a miss"]),
            hit_ms=seen["a hit"],
        )
        predicted, measured = break_even_hit_ratio(model), break_even_hit_ratio(actual)
        if predicted is not None and measured is not None:
            yield self._residual("break-even hit ratio", "share", predicted, measured)

    def _speedups(self, model: CostModel) -> Iterator[Residual]:
        """Yield S of the first n reads of each session, by the share of them that hit."""
        last = 1 + max(request.index for request in self._on)
        cold = hit_share([request for request in self._on if request.index == 0]) == 0
        for n in sorted({1, 2, last}) if cold and last <= _LONGEST_SESSION else [last]:
            off_ms = mean_ms([request for request in self._off if request.index < n])
            on = [request for request in self._on if request.index < n]
            on_ms, ratio = mean_ms(on), hit_share(on)
            if off_ms is not None and on_ms is not None and ratio is not None:
                predicted = speedup_at(model, ratio)
                what = f"S({n}), hit ratio {ratio:.2f}"
                yield self._residual(what, "times", predicted, off_ms / on_ms)

    def _writes(self, model: CostModel | None) -> Iterator[Residual]:
        written = select(self._on, outcome="write")
        off_ms = mean_ms(select(self._off, outcome="write"))
        on_ms = mean_ms(written)
        if off_ms is None or on_ms is None or self._fit.write_ms is None:
            return
        predicted = off_ms + self._fit.model.invalidation_ms
        yield self._residual("a write", "ms", predicted, on_ms)
        ratio, every_ms = hit_share(self._on), mean_ms(self._off)
        if model is not None and ratio is not None and every_ms is not None:
            share = len(written) / len(self._on)
            mix = Writes(share=share, write_ms=off_ms)
            yield self._residual(
                f"S, hit ratio {ratio:.2f}, {share:.0%} writes",
                "times",
                overall_speedup(model, mix, ratio),
                every_ms / (mean_ms(self._on) or every_ms),
            )

    def _residual(self, what: str, unit: Unit, predicted: float, measured: float) -> Residual:
        return Residual.of(
            scenario=self._scenario,
            regime=self._regime,
            what=what,
            unit=unit,
            predicted=predicted,
            measured=measured,
        )
