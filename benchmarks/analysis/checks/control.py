"""Positive control: a delay that was put in has to come out.

It checks the failpoint, the service's own spans and the client's clock in one go. The client is
compared with the span that was measured, not with the delay that was asked for: a failpoint of
whole milliseconds waits 0.5 to 1.5 ms longer.
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import replace

from benchmarks.analysis.checks.check import ALARM, Check, Measured, Result, wrong_if
from benchmarks.analysis.quantities.blocks import block_means_ms
from benchmarks.analysis.stats.intervals import LEAST_OBSERVATIONS, Interval, mean_interval
from benchmarks.storage.records import CONTROLS

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


def delay(case: Measured, *, database_ms: float | None) -> Check:
    """Check that the injected delay shows in the reference's database time per read."""
    seen = "no database time was reported" if database_ms is None else f"{database_ms:.1f} ms"
    return case.check(
        "delay",
        wrong_if(database_ms is None or database_ms < LEAST_SHARE_OF_DELAY * case.delay_ms),
        detail=f"database time per uncached request: {seen}; injected: {case.delay_ms:g} ms per "
        "find",
        advice=_ADVICE["span"],
        touches="times",
    )


def redis_delay(case: Measured) -> Check:
    """Check that the way to Redis was as long as it was made: a miss of ours makes the trip."""
    times_ms = [
        sample.cache_ms
        for sample in case.samples
        if sample.variant in case.ours and sample.outcome == "miss" and sample.cache_ms is not None
    ]
    measured = statistics.median(times_ms) if times_ms else None
    seen = "none was reported" if measured is None else f"{measured:.1f} ms"
    return case.check(
        "redis-delay",
        wrong_if(measured is None or measured < LEAST_SHARE_OF_DELAY * case.redis_delay_ms),
        detail=f"cache time per miss: {seen}; injected: {case.redis_delay_ms:g} ms per round trip",
        advice="the services do not reach Redis through the proxy: check their REDIS_URL",
        touches="times",
    )


def control(native: Measured, delayed: Measured) -> Check:
    """Check that the reference's reads took longer by what its database span says.

    All is about means of blocks, paired by observation, with Student's intervals: at 95 %, that of
    the span's rise has to reach 0.95 of the delay, and that of the client's rise has to lie above
    0; at ``ALARM``, that of what it rose beyond the span must not lie wholly outside +-15 % of the
    span's rise. On a loud machine the delay may not be told from
    noise, which is no fault of the service.
    """
    blocks = {name: _blocks_ms(case) for name, case in (("off", native), ("on", delayed))}
    if min(len(values) for each in blocks.values() for values in each) < LEAST_OBSERVATIONS:
        return delayed.check(
            "control",
            "cannot tell",
            detail=f"too few blocks with a database time to tell {delayed.delay_ms:g} ms by",
            advice=_ADVICE["span"],
            whole_run=True,
        )
    span, client, beyond = (
        _rise(off, on, confidence=confidence)
        for off, on, confidence in zip(
            blocks["off"], blocks["on"], (0.95, 0.95, ALARM), strict=True
        )
    )
    fault = _fault(span, client, beyond, delay_ms=delayed.delay_ms)
    return delayed.check(
        "control",
        _RESULTS[fault],
        detail=f"with {delayed.delay_ms:g} ms per find a read of {delayed.reference} took "
        f"{_shown(client)} longer, its database span {_shown(span)}; the difference "
        f"{_shown(beyond)} may be {TOLERANCE * span.centre:.2f} ms",
        advice=_ADVICE[fault],
        touches="times",
        whole_run=True,
    )


def controls(case: Measured) -> list[Check]:
    """Check every delay that was put into a case in which variants are compared with themselves."""
    return [
        control(_only(case, case.reference, 0), _only(case, case.reference + suffix, delay_ms))
        for suffix, delay_ms in CONTROLS.items()
        if case.reference + suffix in case.variants
    ]


def _only(case: Measured, name: str, delay_ms: float) -> Measured:
    """Return one name's samples as those of the reference, with the delay that was in them."""
    own = [
        replace(sample, variant=case.reference) for sample in case.samples if sample.variant == name
    ]
    return replace(case, samples=own, variants=(case.reference,), delay_ms=delay_ms)


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


def _blocks_ms(case: Measured) -> tuple[list[float], list[float], list[float]]:
    """Return per block of the reference the span, the client's time, and what is beyond the span.

    Requests without a span count in none of them.
    """
    known = [sample for sample in case.samples if sample.db_ms is not None]
    spans = block_means_ms(known, case.reference, lambda sample: sample.db_ms or 0.0)
    times = block_means_ms(known, case.reference)
    return spans, times, [time - span for time, span in zip(times, spans, strict=True)]
