"""Were the answers those that were to be measured: no errors, equal bodies, the right outcomes."""

from collections import Counter, defaultdict
from collections.abc import Hashable

from benchmarks.analysis.checks.check import Check
from benchmarks.analysis.checks.measured import Measured, plain
from benchmarks.storage.records import Coherence, Outcome, Sample


def errors(case: Measured) -> Check:
    """Check that every request was answered with a status that the scenario takes for good."""
    failed = [sample for sample in case.samples if sample.status not in case.answers]
    good = " or ".join(str(status) for status in sorted(case.answers))
    seen = Counter((sample.variant, sample.status) for sample in failed)
    where = ", ".join(f"{count}x {status} from {name}" for (name, status), count in seen.items())
    return case.check(
        "errors",
        passed=not failed,
        detail=where or f"all {len(case.samples)} answers are {good}",
        advice="look into the logs folder of the run",
    )


def bodies(case: Measured) -> Check:
    """Check that every variant but the ceilings, hit or miss, gave the same bytes.

    Where nothing changes that is asked for each user of each start of the services, which other
    scenarios may have changed before; where something does, for each operation: the same one of
    the same observation, since every variant went through the same ones before.
    """
    what = "operations" if case.changes else "users"
    key = _operation if case.changes else _user
    seen: dict[tuple[int, Hashable], set[str]] = defaultdict(set)
    for sample in case.served:
        seen[sample.restart, key(sample)].add(sample.body_hash)
    wrong = dict.fromkeys(at for (_, at), hashes in seen.items() if len(hashes) > 1)
    all_of_them, different = len({at for _, at in seen}), len(wrong)
    return case.check(
        "bodies",
        passed=not different,
        detail=f"bodies differ for {different} of {all_of_them} {what}, first {next(iter(wrong))}"
        if different
        else f"byte-equal bodies for all {all_of_them} {what}",
        advice="a fast wrong answer is worth nothing: compare the two bodies of the first one",
    )


def outcomes(case: Measured) -> Check:
    """Check that what caches looked into its cache, and that what does not bypassed it.

    In sessions the first read has to be a miss where they start ``cold``, and every other one a
    hit. In a mix any of them may be either, but of what is ours none may bypass the cache or say
    nothing.
    """
    wrong = Counter(
        (plain(sample.variant), "first" if sample.index == 0 else "later", sample.outcome)
        for sample in case.served
        if sample.outcome not in _expected(case, sample)
    )
    where = ", ".join(
        f"{count}x {outcome} on a {position} read of {name}"
        for (name, position, outcome), count in wrong.items()
    )
    return case.check(
        "outcomes",
        passed=not wrong,
        detail=where or _as_expected(case),
        advice="is the cache reached, its TTL longer than a session, and nobody else writing?",
    )


def stand_in(scenario: str, regime: str) -> Check:
    """Fail: what answers as Redis is one whose times mean nothing."""
    return Check(
        name="redis",
        scenario=scenario,
        regime=regime,
        passed=False,
        detail="a stand-in answers in place of Redis: its answers are right, its times are not",
        advice="install redis-server or valkey-server, or set REDIS_URL",
    )


def coherence(found: Coherence, *, caches: bool) -> Check:
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
    return Check(
        name="coherence",
        scenario="",
        regime="native",
        passed=passed,
        detail=f"{seen}; first: {found.first}" if found.first else seen,
        advice="" if passed else _coherence_advice(exercised=exercised),
    )


def _coherence_advice(*, exercised: bool) -> str:
    if not exercised:
        return "nothing could have gone wrong in so short a probe: raise --probe-seconds"
    return "speed bought with wrong answers is no speed: run fivefold verify, read the logs"


def _user(sample: Sample) -> str:
    return f"user {sample.user}"


def _operation(sample: Sample) -> str:
    return (
        f"number {sample.index} of session {sample.session} in observation {sample.observation}"
        f" of restart {sample.restart}: {sample.action} by user {sample.user}"
    )


def _expected(case: Measured, sample: Sample) -> tuple[Outcome, ...]:
    if sample.outcome == "write":
        return ("write",)
    if plain(sample.variant) not in case.caching:
        return ("bypass",)
    if not case.mix:
        return ("miss",) if case.cold and sample.index == 0 else ("hit",)
    if plain(sample.variant) in case.ours:
        return ("hit", "miss", "partial")
    return (sample.outcome,)


def _as_expected(case: Measured) -> str:
    if all(sample.outcome == "write" for sample in case.served):
        return "all requests are writes"
    names = dict.fromkeys(plain(sample.variant) for sample in case.served)
    uncached = ", ".join(name for name in names if name not in case.caching)
    if case.mix:
        return f"bypassing: {uncached}; every other read looks into its cache"
    first = "every other session is a miss and then hits" if case.cold else "every other read hits"
    return f"bypassing: {uncached}; {first}"
