"""The conditions without which a ratio means nothing; one that fails leaves it undecided."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from benchmarks.analysis.summary import RegimeSummary
from benchmarks.records import Coherence, Outcome, Sample

HTTP_OK = 200
# The failpoint waits at least as long as asked; the slack is for clocks that round.
LEAST_SHARE_OF_DELAY = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """One condition, whether it held, what was seen and, if it did not hold, what to do."""

    name: str
    scenario: str
    regime: str
    passed: bool
    detail: str
    advice: str = ""


def judge_guards(
    samples: Sequence[Sample],
    summary: RegimeSummary,
    *,
    delay_ms: float,
    cold: bool = True,
    ceilings: Collection[str] = (),
    redis_measures_latency: bool = True,
) -> list[Guard]:
    """Check one regime: errors, bodies, outcomes, and where they apply the delay and the Redis.

    With ``cold`` a session starts with a miss. ``ceilings`` answer alike for everybody and know
    no cache.
    """
    served = [sample for sample in samples if sample.variant not in ceilings]
    guards = [
        errors(samples),
        bodies(served),
        outcomes(served, reference=summary.reference, cold=cold),
    ]
    if delay_ms:
        guards.append(delay(summary, delay_ms=delay_ms))
    if not redis_measures_latency:
        guards.append(stand_in(summary.scenario, summary.regime))
    return guards


def errors(samples: Sequence[Sample]) -> Guard:
    """Check that every request was answered 200."""
    failed = [sample for sample in samples if sample.status != HTTP_OK]
    seen = Counter((sample.variant, sample.status) for sample in failed)
    where = ", ".join(f"{count}x {status} from {name}" for (name, status), count in seen.items())
    return Guard(
        name="errors",
        scenario=samples[0].scenario,
        regime=samples[0].regime,
        passed=not failed,
        detail=where or f"all {len(samples)} answers are 200",
        advice="look into the logs folder of the run" if failed else "",
    )


def bodies(samples: Sequence[Sample]) -> Guard:
    """Check that for the same user every variant, hit or miss, gave the same bytes."""
    by_user: dict[int, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for sample in samples:
        by_user[sample.user][sample.body_hash].add(sample.variant)
    different = sorted(user for user, hashes in by_user.items() if len(hashes) > 1)
    return Guard(
        name="bodies",
        scenario=samples[0].scenario,
        regime=samples[0].regime,
        passed=not different,
        detail=f"bodies differ for {len(different)} of {len(by_user)} users, first user "
        f"{different[0]}"
        if different
        else f"byte-equal bodies for all {len(by_user)} users",
        advice="a fast wrong answer is worth nothing: compare the two bodies of that user first"
        if different
        else "",
    )


def outcomes(samples: Sequence[Sample], *, reference: str, cold: bool = True) -> Guard:
    """Check that the reference always bypassed and that every other read hit.

    With ``cold`` the first read of a session has to be a miss.
    """
    wrong = Counter(
        (sample.variant, "first" if sample.index == 0 else "later", sample.outcome)
        for sample in samples
        if sample.outcome != _expected(sample, reference, cold=cold)
    )
    where = ", ".join(
        f"{count}x {outcome} on a {position} read of {name}"
        for (name, position, outcome), count in wrong.items()
    )
    return Guard(
        name="outcomes",
        scenario=samples[0].scenario,
        regime=samples[0].regime,
        passed=not wrong,
        detail=where or _as_expected(samples, reference, cold=cold),
        advice="is the cache reached, its TTL longer than a session, and nobody else writing?"
        if wrong
        else "",
    )


def delay(summary: RegimeSummary, *, delay_ms: float) -> Guard:
    """Check that the injected delay shows in the database time of the reference."""
    measured = summary.database_ms
    passed = measured is not None and measured >= LEAST_SHARE_OF_DELAY * delay_ms
    seen = "no database time was reported" if measured is None else f"{measured:.1f} ms"
    return Guard(
        name="delay",
        scenario=summary.scenario,
        regime=summary.regime,
        passed=passed,
        detail=f"database time per uncached request: {seen}; injected: {delay_ms:g} ms per find",
        advice="" if passed else "the failpoint does not reach the service: check its appName",
    )


def stand_in(scenario: str, regime: str) -> Guard:
    """Fail: what answers as Redis is one whose times mean nothing."""
    return Guard(
        name="redis",
        scenario=scenario,
        regime=regime,
        passed=False,
        detail="a stand-in answers in place of Redis: its answers are right, its times are not",
        advice="install redis-server or valkey-server, or set REDIS_URL",
    )


def coherence(found: Coherence, *, caches: bool) -> Guard:
    """Check that a variant of ours gave no wrong answer, and that some could have been wrong.

    Where nothing was written, or the cache answered nothing although the variant ``caches``, a
    count of zero would say nothing.
    """
    seen = (
        f"{found.variant}: {found.reads} reads checked, {found.hits} of them hits, "
        f"{found.stale} stale, {found.backwards} backwards, {found.impossible} impossible, "
        f"{found.errors} errors"
    )
    exercised = found.reads > 0 and found.writes > 0 and (found.hits > 0 or not caches)
    passed = exercised and not found.wrong and not found.errors
    return Guard(
        name="coherence",
        scenario="probe",
        regime="native",
        passed=passed,
        detail=f"{seen}; first: {found.first}" if found.first else seen,
        advice="" if passed else _coherence_advice(exercised=exercised),
    )


def _coherence_advice(*, exercised: bool) -> str:
    if not exercised:
        return "nothing could have gone wrong in so short a probe: raise --probe-seconds"
    return "speed bought with wrong answers is no speed: run fivefold verify, read the logs"


def _expected(sample: Sample, reference: str, *, cold: bool) -> Outcome:
    if sample.outcome == "write":
        return "write"
    if sample.variant == reference:
        return "bypass"
    return "miss" if cold and sample.index == 0 else "hit"


def _as_expected(samples: Sequence[Sample], reference: str, *, cold: bool) -> str:
    if samples[0].outcome == "write":
        return "all requests are writes"
    first = "every other session is a miss and then hits" if cold else "every other read hits"
    return f"{reference} bypasses, {first}"
