"""The cost model of a variant from the spans of the service (docs/method.md, the model)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from benchmarks.analysis.model.cost import CostModel, farther
from benchmarks.analysis.model.observed import mean_ms, mean_span_ms, select
from benchmarks.storage.records import Sample


class CannotFit(Exception):
    """The samples do not hold what a cost model is made of; the message says what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Which requests a model is fitted to: reads of one scenario, writes of any, in one regime."""

    variant: str
    reference: str = "uncached"
    scenario: str = "session"
    regime: str = "native"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A cost model with what it was made of.

    ``wait_ms`` is the part of d that an uncached read waits for the database, ``work_ms`` the
    rest: what only who asks the database has to do, such as making JSON of documents.
    ``write_ms`` is a write without a cache, None when no writes were measured; then i is 0.
    """

    source: Source
    model: CostModel
    wait_ms: float
    work_ms: float
    write_ms: float | None

    def at(self, wait_ms: float, *, redis_ms: float = 0.0) -> CostModel:
        """Return the model for a database that an uncached read waits so long for.

        ``redis_ms`` is how much longer a round trip to Redis takes: a hit makes one of them, a
        miss two before it answers, to look and to ask for the right to fill. All else is taken to
        stay as it was, which is what the residuals then put to the test.
        """
        return farther(replace(self.model, database_ms=self.work_ms + wait_ms), redis_ms)


def fit(requests: Sequence[Sample], source: Source) -> Fit:
    """Fit a, c, d, m and i to the means of one regime and the spans in them.

    What a hit takes beside its cache span is a, as is what an uncached read takes beside its
    database span if that is less: both do it. Then c = hit - a, d = uncached - a, m = miss -
    uncached and i = what a write takes longer than the reference's. The client's waiting is
    inside a, so a also holds the network. Raises ``CannotFit``.
    """
    regime = select(requests, regime=source.regime)
    reads = select(regime, scenario=source.scenario)
    uncached = select(reads, variant=source.reference, outcome="bypass")
    hits = select(reads, variant=source.variant, outcome="hit")
    misses = select(reads, variant=source.variant, outcome="miss")
    known = partial(_known, source)
    uncached_ms = known(f"an uncached read of {source.reference}", mean_ms(uncached))
    hit_ms = known(f"a hit of {source.variant}", mean_ms(hits))
    miss_ms = known(f"a miss of {source.variant}", mean_ms(misses))
    wait_ms = known("the database's span (db)", mean_span_ms(uncached, lambda read: read.db_ms))
    cache_ms = known("the cache's span (cache)", mean_span_ms(hits, lambda read: read.cache_ms))
    app_ms = max(0.0, min(hit_ms - cache_ms, uncached_ms - wait_ms))
    write_ms, invalidation_ms = _writes(regime, source)
    return Fit(
        source=source,
        model=CostModel.from_means(
            uncached_ms=uncached_ms,
            miss_ms=miss_ms,
            hit_ms=hit_ms,
            app_ms=app_ms,
            invalidation_ms=invalidation_ms,
        ),
        wait_ms=wait_ms,
        work_ms=uncached_ms - app_ms - wait_ms,
        write_ms=write_ms,
    )


def _writes(requests: Sequence[Sample], source: Source) -> tuple[float | None, float]:
    """Return what a write takes, and how much longer a cached one takes."""
    write_ms, cached_ms = (
        mean_ms(select(requests, variant=variant, outcome="write"))
        for variant in (source.reference, source.variant)
    )
    if write_ms is None or cached_ms is None:
        return None, 0.0
    return write_ms, cached_ms - write_ms


def _known(source: Source, what: str, value: float | None) -> float:
    if value is None:
        raise CannotFit(
            f"the scenario {source.scenario} in the regime {source.regime} holds no time of {what}"
        )
    return value
