"""How much longer to measure where nothing but the width of an interval leaves something open."""

import math

from benchmarks.analysis.claims.claim import CLAIMS
from benchmarks.analysis.claims.verdict import edges, times_as_long
from benchmarks.analysis.findings import Finding
from benchmarks.analysis.model.observed import MS_PER_S
from benchmarks.analysis.stats.intervals import Interval
from benchmarks.analysis.stats.stopping import PAIR, StoppingRule
from benchmarks.report.computed import Results
from benchmarks.storage.records import NATIVE

PRECISE = 0.05
"""The half width above which the ratio of running services is called wide."""
_MOST_SECONDS = 86_400
_MOST_BLOCKS = 1_000
_MOST_TIMES = 100
_STEP_SECONDS = 10
_TOO_NEAR = "too near its edge for any sensible time to decide"


def to_decide(results: Results, verdict: Finding) -> str:
    """Say what would decide a claim; nothing where it is decided, void or not measured."""
    if verdict.verdict != "inconclusive" or verdict.failed:
        return ""
    if verdict.ratio is None or verdict.low is None or verdict.high is None:
        return ""
    claims = {each.name: each for each in (*CLAIMS.values(), *results.options.claims)}
    straddled = [
        edge for edge in edges(claims[verdict.claim]) if verdict.low <= edge <= verdict.high
    ]
    interval = Interval(verdict.ratio, verdict.low, verdict.high)
    times = max(
        (times_as_long(interval, edge, unit=verdict.unit) for edge in straddled), default=0.0
    )
    if not times:
        return ""
    seconds = _measured_s(results)
    if seconds is not None:
        enough = _seconds(seconds * times)
        return f"about {enough} would decide it" if enough else _TOO_NEAR
    # A start stops where it knows a ratio as precisely as this.
    nearest = verdict.ratio * (1 + StoppingRule().half_width)
    beyond = times > times_as_long(interval, nearest, unit=verdict.unit)
    return _more_blocks(results, verdict, times, beyond=beyond)


def to_know(results: Results) -> str:
    """Say how long running services take to be told apart within ``PRECISE``, if they were not."""
    seconds = _measured_s(results)
    if seconds is None or not results.environment.is_foreign:
        return ""
    wanted = [
        times_as_long(each.shown, each.shown.centre * (1 + PRECISE))
        for summary in results.summaries
        for each in summary.ratios
        if each.shown
    ]
    times = max(wanted, default=0.0)
    if times <= 1:
        return ""
    enough = _seconds(seconds * times)
    if not enough:
        return f"No sensible time would tell the ratio within {PRECISE:.0%}."
    return f"To know the ratio within {PRECISE:.0%} takes about {enough}."


def _more_blocks(results: Results, verdict: Finding, times: float, *, beyond: bool) -> str:
    """Say it of the project's own variants, of which a profile measures one start or several."""
    options, case = results.options, (verdict.scenario, verdict.regime)
    if times > _MOST_TIMES:
        return _TOO_NEAR
    if options.restarts > 1:
        return f"about {math.ceil(times)} times the starts of the full profile would decide it"
    measured = len(
        {each.observation for each in results.blocks if (each.scenario, each.regime) == case}
    )
    planned = [
        each.plan.observations
        for each in options.parts or ()
        if (each.scenario, each.regime) == case
    ]
    blocks = math.ceil(measured * times / PAIR) * PAIR
    if beyond or measured < max(planned, default=0) or blocks > _MOST_BLOCKS:
        return "more blocks of one start would not decide it; --profile full has several starts"
    return f"about --blocks {blocks} would decide it"


def _measured_s(results: Results) -> float | None:
    """Return how long was measured, None for a run that takes no ``--seconds``."""
    if results.load is not None:
        return results.options.seconds
    if not results.environment.is_foreign:
        return None
    blocks = [each for each in results.blocks if each.regime == NATIVE]
    ends = [each.start_s + each.sessions * each.session_mean_ms / MS_PER_S for each in blocks]
    # Half of the time goes to each service against itself.
    return 2 * (max(ends) - min(each.start_s for each in blocks)) if blocks else None


def _seconds(needed: float) -> str:
    """Return the option, nothing where it would not be taken."""
    if needed > _MOST_SECONDS:
        return ""
    return f"--seconds {math.ceil(needed / _STEP_SECONDS) * _STEP_SECONDS}"
