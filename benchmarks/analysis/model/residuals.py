"""The errors of a fitted model where it was not fitted.

The model comes from one scenario in one regime. Here it says what every other scenario and regime
must show, knowing of each only what its own reads without a cache waited for the database, its
hit ratio and its mix; what was measured stands beside it. The requests that the model was fitted
to are left out: they agree by construction.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from benchmarks.analysis.model.cost import Writes, speedup_at
from benchmarks.analysis.model.fit import Fit
from benchmarks.analysis.model.observed import hit_share, mean_ms, mean_span_ms, select
from benchmarks.storage.records import Sample

LARGEST_ERROR = 0.10
"""A prediction that is off by no more is not flagged."""

Unit = Literal["ms", "times"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Residual:
    """One prediction beside what was measured.

    ``error`` is (predicted - measured) / measured; ``flagged`` above :data:`LARGEST_ERROR`.
    """

    scenario: str
    regime: str
    what: str
    unit: Unit
    predicted: float
    measured: float
    error: float
    flagged: bool


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
        added_ms = (redis_ms or {}).get(regime, 0.0)
        for what, unit, predicted, measured in _predictions(fit, off, on, redis_ms=added_ms):
            error = (predicted - measured) / measured
            found.append(
                Residual(
                    scenario=scenario,
                    regime=regime,
                    what=what,
                    unit=unit,
                    predicted=predicted,
                    measured=measured,
                    error=error,
                    flagged=abs(error) > LARGEST_ERROR,
                )
            )
    return found


def _only_writes(group: Sequence[Sample]) -> bool:
    return all(request.outcome == "write" for request in group)


def _predictions(
    fit: Fit, off: Sequence[Sample], on: Sequence[Sample], *, redis_ms: float
) -> Iterator[tuple[str, Unit, float, float]]:
    """Yield what is predicted of a group, its unit, the prediction and what was measured.

    ``off`` are the requests of the reference, ``on`` those of the variant.
    """
    written = select(on, outcome="write")
    write_ms, off_ms, on_ms = mean_ms(select(off, outcome="write")), mean_ms(off), mean_ms(on)
    written_ms = mean_ms(written)
    if write_ms is not None and written_ms is not None and fit.write_ms is not None:
        yield "a write", "ms", write_ms + fit.model.invalidation_ms, written_ms
    wait_ms = mean_span_ms(select(off, outcome="bypass"), lambda read: read.db_ms)
    ratio = hit_share(on)
    if wait_ms is None or ratio is None or off_ms is None or on_ms is None:
        return
    model = fit.at(wait_ms, redis_ms=redis_ms)
    for what, predicted_ms in (("miss", model.miss_total_ms), ("hit", model.hit_total_ms)):
        measured_ms = mean_ms(select(on, outcome=what))
        if measured_ms is not None:
            yield f"a {what}", "ms", predicted_ms, measured_ms
    if not written or (write_ms is not None and fit.write_ms is not None):
        share = len(written) / len(on)
        said = f"S, hit ratio {ratio:.2f}" + (f", {share:.0%} writes" if written else "")
        mix = Writes(share=share, write_ms=write_ms or 0.0)
        yield said, "times", speedup_at(model, ratio, mix), off_ms / on_ms
