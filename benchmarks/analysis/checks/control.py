"""Positive control: a delay that was put in has to come out.

It checks the failpoint, the service's own spans and the client's clock in one go. The client is
compared with the span that was measured, not with the delay that was asked for: a failpoint of
whole milliseconds waits 0.5 to 1.5 ms longer.
"""

from collections.abc import Mapping, Sequence

from benchmarks.analysis.checks.check import ALARM, Check, Result, wrong_if
from benchmarks.analysis.quantities.blocks import block_means_ms
from benchmarks.analysis.quantities.groups import Group
from benchmarks.analysis.stats.intervals import LEAST_OBSERVATIONS, Interval, mean_interval
from benchmarks.analysis.stats.percentiles import median
from benchmarks.storage.records import CONTROLS, Sample

# The failpoint waits at least as long as asked; the slack is for clocks that round.
LEAST_SHARE_OF_DELAY = 0.95
TOLERANCE = 0.15
"""The largest difference of the client's time and the span, as a share of the span."""

_RESULTS: Mapping[str, Result] = {
    "": "passed",
    "span": "wrong",
    "disagrees": "wrong",
    "blind": "cannot tell",
}
_ADVICE = {
    "": "",
    "span": "the failpoint does not reach the service: check its appName, and Server-Timing",
    "blind": "a delay that is there cannot be seen: quiet the machine, or measure more blocks",
    "disagrees": "the client and the service measure different things: is anything between them, "
    "or does the service wait outside of its spans?",
}


def delay(case: Group) -> Check:
    """Check that the injected delay shows in the reference's database time per read."""
    database_ms = case.database_ms(case.reference)
    seen = "no database time was reported" if database_ms is None else f"{database_ms:.1f} ms"
    return Check.of(
        case,
        "delay",
        wrong_if(database_ms is None or database_ms < LEAST_SHARE_OF_DELAY * case.regime.delay_ms),
        detail=f"database time per uncached request: {seen}; "
        f"injected: {case.regime.delay_ms:g} ms per find",
        advice=_ADVICE["span"],
        touches="times",
    )


def redis_delay(case: Group) -> Check:
    """Check that the way to Redis was as long as it was made: a miss of ours makes the trip."""
    added_ms = case.regime.redis_delay_ms or 0.0
    measured = median(
        sample.cache_ms
        for sample in case.samples
        if sample.variant in case.header.ours and sample.outcome == "miss"
    )
    seen = "none was reported" if measured is None else f"{measured:.1f} ms"
    return Check.of(
        case,
        "redis-delay",
        wrong_if(measured is None or measured < LEAST_SHARE_OF_DELAY * added_ms),
        detail=f"cache time per miss: {seen}; injected: {added_ms:g} ms per round trip",
        advice="the services do not reach Redis through the proxy: check their REDIS_URL",
        touches="times",
    )


def control(case: Group, slowed: str, delay_ms: int) -> Check:
    """Check that reads of the reference took longer under a name by what its database span says.

    All is about means of blocks, paired by observation, with Student's intervals: at 95 %, that of
    the span's rise has to reach 0.95 of the delay, and that of the client's rise has to lie above
    0; at ``ALARM``, that of what it rose beyond the span must not lie wholly outside +-15 % of the
    span's rise. On a loud machine the delay may not be told from
    noise, which is no fault of the service.
    """
    blocks = [_blocks_ms(case.samples, name) for name in (case.reference, slowed)]
    if min(len(values) for each in blocks for values in each) < LEAST_OBSERVATIONS:
        return Check.of(
            case,
            "control",
            "cannot tell",
            detail=f"too few blocks with a database time to tell {delay_ms} ms by",
            advice=_ADVICE["span"],
            whole_run=True,
        )
    span, client, beyond = (
        _rise(off, on, confidence=confidence)
        for off, on, confidence in zip(*blocks, (0.95, 0.95, ALARM), strict=True)
    )
    fault = _fault(span, client, beyond, delay_ms=delay_ms)
    return Check.of(
        case,
        "control",
        _RESULTS[fault],
        detail=f"with {delay_ms} ms per find a read of {case.reference} took "
        f"{_shown(client)} longer, its database span {_shown(span)}; the difference "
        f"{_shown(beyond)} may be {TOLERANCE * span.centre:.2f} ms",
        advice=_ADVICE[fault],
        touches="times",
        whole_run=True,
    )


def controls(case: Group) -> list[Check]:
    """Check every delay that was put into a case in which variants are compared with themselves."""
    return [
        control(case, case.reference + suffix, delay_ms)
        for suffix, delay_ms in CONTROLS.items()
        if case.reference + suffix in case.variants
    ]


def _rise(off: Sequence[float], on: Sequence[float], *, confidence: float) -> Interval:
    rises = [slow - fast for slow, fast in zip(on, off, strict=True)]
    return mean_interval(rises, confidence=confidence)


def _fault(span: Interval, client: Interval, beyond: Interval, *, delay_ms: float) -> str:
    if span.high < LEAST_SHARE_OF_DELAY * delay_ms:
        return "span"
    allowed = TOLERANCE * span.centre
    if beyond.low > allowed or beyond.high < -allowed:
        return "disagrees"
    return "blind" if client.low <= 0 else ""


def _shown(rise: Interval) -> str:
    return f"{rise.centre:.2f} ms [{rise.low:.2f}, {rise.high:.2f}]"


def _blocks_ms(samples: Sequence[Sample], name: str) -> tuple[list[float], ...]:
    """Return per block the span, the client's time, and what is beyond the span.

    Requests without a span count in none of them.
    """
    known = [sample for sample in samples if sample.db_ms is not None]
    spans = block_means_ms(known, name, lambda sample: sample.db_ms or 0.0)
    times = block_means_ms(known, name)
    return spans, times, [time - span for time, span in zip(times, spans, strict=True)]
