"""Were the answers those that were to be measured: no errors, equal bodies, the right outcomes.

What is wrong here makes everything void that is said of the variants it was seen of.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping

from benchmarks.analysis.checks.check import (
    ADVICE_ON_HITS,
    Check,
    Result,
    wrong_if,
)
from benchmarks.analysis.header import FailedRequests
from benchmarks.analysis.quantities.groups import Group
from benchmarks.storage.records import NATIVE, Coherence, Outcome, Sample, plain

MISSED = 0.01
"""Which part of the hits may be missing: a read that Redis did not answer in time is a miss."""
_IN_TIME = "unavailable"
_NO_ANSWER = 0


def errors(case: Group, failures: Iterable[FailedRequests] = ()) -> Check:
    """Check that every request was answered with a status that the scenario takes for good.

    ``failures`` are Locust's own totals, of requests that no block counts as well.
    """
    failed = [sample for sample in case.samples if sample.status not in case.scenario.good_answers]
    seen = Counter((sample.status, sample.action, plain(sample.variant)) for sample in failed)
    said = [
        f"{count}x {status if status != _NO_ANSWER else 'no answer'} to {action} from {variant}"
        for (status, action, variant), count in seen.items()
    ]
    lost = [
        f"{each.failures} failed of all {each.requests} requests {each.name}" for each in failures
    ]
    statuses = (
        {sample.status for sample in case.samples}
        if case.is_foreign
        else case.scenario.good_answers
    )
    good = " or ".join(str(status) for status in sorted(statuses))
    return Check.of(
        case,
        "errors",
        wrong_if(said or lost),
        detail="; ".join([*said, *lost]) or f"all {len(case.samples)} answers are {good}",
        advice="see what the services' own logs say: an error is no answer to be compared"
        if case.is_foreign
        else "look into the logs folder of the run",
        variants=[] if lost else {sample.variant for sample in failed},
    )


def bodies(case: Group) -> Check:
    """Check that every variant but the ceilings, hit or miss, gave the same answers.

    Where nothing changes that is asked for each action of each user of each start of the services,
    which other scenarios may have changed before. Where something does, the n-th operation that one
    variant got is compared with the n-th of the others, since all went through the same ones.
    """
    if case.header.options.bodies_compared is False:
        return Check.of(
            case,
            "bodies",
            "cannot tell",
            detail="bodies were not compared, as was asked for (--ignore-bodies)",
            advice="name what may differ with --ignore, so that the rest is compared",
        )
    # Of ours a user has one action, the list, wherever nothing changes.
    unchanged = "requests of users" if case.is_foreign else "users"
    what = "operations" if case.changes else unchanged
    seen: dict[tuple[int, Hashable], dict[Hashable, set[str]]]
    seen = defaultdict(lambda: defaultdict(set))
    for key, sample in _compared(case):
        # Of ours a wrong status is what the check of errors is about.
        said = (sample.status if case.is_foreign else 0, sample.body_hash)
        seen[sample.restart, key][said].add(plain(sample.variant))
    wrong = {at: said for at, said in seen.items() if len(said) > 1}
    named = dict.fromkeys(at for _, at in wrong)
    all_of_them = len({at for _, at in seen})
    return Check.of(
        case,
        "bodies",
        wrong_if(wrong),
        detail=f"bodies differ for {len(named)} of {all_of_them} {what}, first {next(iter(named))}"
        if wrong
        else f"{'equal' if case.is_foreign else 'byte-equal'} bodies for all {all_of_them} {what}",
        advice=_advice_on_bodies(case),
        variants={name for said in wrong.values() for name in _unlike(said, plain(case.reference))},
    )


def _compared(case: Group) -> Iterator[tuple[Hashable, Sample]]:
    """Yield each served sample with what tells which others have to be like it."""
    numbers: Counter[str] = Counter()
    for sample in case.served:
        if not case.changes:
            yield f"user {sample.user}, {sample.action}", sample
            continue
        name = plain(sample.variant)
        numbers[name] += 1
        yield f"number {numbers[name]}: {sample.action} by user {sample.user}", sample


def _advice_on_bodies(case: Group) -> str:
    if not case.header.differences:
        return "a fast wrong answer is worth nothing: compare the two bodies of the first one"
    first = case.header.differences[0]
    one, other, path = first.answers[0], first.answers[-1], first.place
    ignore = f"--ignore '{path}'" if path.startswith("$") else "--ignore-bodies"
    if one.variant == other.variant:
        return (
            f"the answers of {one.variant} to {first.action} differ from each other, first at "
            f"{path}: {ignore} if that may be"
        )
    values = f" ({one.said} and {other.said})" if one.said else ""
    return (
        f"the answers of {one.variant} and {other.variant} to {first.action} differ, first at "
        f"{path}{values}: {ignore} if that may differ"
    )


def _unlike(said: Mapping[Hashable, set[str]], reference: str) -> set[str]:
    """Return the variants that answered otherwise than the reference, itself if it did so twice."""
    own = [body for body, names in said.items() if reference in names]
    if len(own) != 1:
        return {reference}
    return {name for body, names in said.items() if body != own[0] for name in names}


def outcomes(case: Group) -> Check:
    """Check that what caches looked into its cache, and that what does not bypassed it.

    In sessions the first read has to be a miss where they start ``cold``, and every other one a
    hit. In a mix any of them may be either, but of what is ours none may bypass the cache or say
    nothing. A Redis that did not answer in time once in a hundred reads is noise: on a busy machine
    the service asks the database in its place, and both are in the times.
    """
    odd = [sample for sample in case.served if sample.outcome not in _expected(case, sample)]
    reads = Counter(plain(sample.variant) for sample in case.served)
    late = Counter(plain(sample.variant) for sample in odd if _late(case, sample))
    tolerated = {name for name, many in late.items() if many <= MISSED * reads[name]}
    wrong = [
        sample for sample in odd if not (_late(case, sample) and plain(sample.variant) in tolerated)
    ]
    seen = Counter(
        (plain(sample.variant), "first" if sample.index == 0 else "later", sample.outcome)
        for sample in wrong or odd
    )
    where = ", ".join(
        f"{count}x {outcome} on a {position} read of {name}"
        for (name, position, outcome), count in seen.items()
    )
    return Check.of(
        case,
        "outcomes",
        "noisy" if odd and not wrong else wrong_if(wrong),
        detail=where or _as_expected(case),
        advice=ADVICE_ON_HITS
        if wrong
        else "Redis did not answer in time: end what else runs on this machine",
        variants={name for name, _, _ in seen},
    )


def _late(case: Group, sample: Sample) -> bool:
    """Tell whether a variant that caches says that Redis did not answer this read in time."""
    said = [slot.partition("=")[2] for slot in sample.slots.split()]
    return plain(sample.variant) in case.header.caching and _IN_TIME in said


def hits(case: Group) -> Check:
    """Check every block of a mix against an ideal cache that got the same operations.

    Too few hits mean that something was forgotten or never stored, which makes the variant look
    slower than it is. That none is too many is what the equal bodies show.
    """
    blocks: dict[tuple[str, int], list[Sample]] = defaultdict(list)
    for sample in case.samples:
        if sample.variant in case.header.ours:
            blocks[sample.variant, sample.block].append(sample)
    ideal: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for (variant, _), block in blocks.items():
        ideal[variant] += ideal_hits(block, case.scenario.changing)
        seen[variant] += sum(sample.outcome == "hit" for sample in block)
    forgetful = [name for name in ideal if seen[name] < (1 - MISSED) * ideal[name]]
    return Check.of(
        case,
        "hits",
        wrong_if(forgetful),
        detail="; ".join(f"{name} hit {seen[name]} of {ideal[name]} times" for name in ideal),
        advice="is Redis full, restarted, or slower than the deadline of the service?",
        variants=forgetful,
    )


def ideal_hits(block: Iterable[Sample], changes: Collection[str]) -> int:
    """Return how many reads of a block would hit in a cache in which nothing expires.

    ``changes`` names the actions that write: a list hits if it was read before, and not written
    since. More hits than that are stale answers; fewer mean that something was forgotten.
    """
    filled: set[int] = set()
    hits = 0
    for sample in sorted(block, key=lambda sample: (sample.session, sample.index)):
        if sample.action in changes:
            filled.discard(sample.user)
        else:
            hits += sample.user in filled
            filled.add(sample.user)
    return hits


def stand_in(scenario: str, regime: str) -> Check:
    """Fail: what answers as Redis is one whose times mean nothing."""
    return Check(
        name="redis",
        scenario=scenario,
        regime=regime,
        result="wrong",
        touches="times",
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
    result: Result = wrong_if(found.wrong or found.errors)
    if result == "passed" and not exercised:
        result = "cannot tell"
    return Check(
        name="coherence",
        scenario="",
        regime=NATIVE,
        result=result,
        detail=f"{seen}; first: {found.first}" if found.first else seen,
        advice=_PROBED[result],
        variants=(found.variant,),
    )


_PROBED: Mapping[Result, str] = {
    "passed": "",
    "cannot tell": "nothing could have gone wrong in so short a probe: use --profile full",
    "wrong": "speed bought with wrong answers is no speed: run fivefold verify, read the logs",
}


def _expected(case: Group, sample: Sample) -> tuple[Outcome, ...]:
    if sample.outcome == "write":
        return ("write",)
    if plain(sample.variant) not in case.header.caching:
        return ("bypass",)
    if not (case.is_mix or case.is_load):
        return ("miss",) if case.starts_cold and sample.index == 0 else ("hit",)
    if plain(sample.variant) in case.header.ours:
        return ("hit", "miss", "partial")
    return (sample.outcome,)


def _as_expected(case: Group) -> str:
    if all(sample.outcome == "write" for sample in case.served):
        return "all requests are writes"
    names = dict.fromkeys(plain(sample.variant) for sample in case.served)
    uncached = ", ".join(name for name in names if name not in case.header.caching)
    if case.is_mix or case.is_load:
        return f"bypassing: {uncached}; every other read looks into its cache"
    first = (
        "every other session is a miss and then hits"
        if case.starts_cold
        else "every other read hits"
    )
    return f"bypassing: {uncached}; {first}"
