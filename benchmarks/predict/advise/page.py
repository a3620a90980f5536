"""``fivefold advise``: read the run if there is one, compute, and say it on a page."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from benchmarks.analysis.model.sizing import BUSY, MEASURED_ON, NODE_BYTES, Sizing
from benchmarks.predict.advise.answer import (
    Advice,
    Evidence,
    WantedSpeedup,
    WorkloadFacts,
    answer,
    evidence_of,
    gather,
)
from benchmarks.predict.advise.question import Question, option
from benchmarks.report.figures import (
    MISSING,
    amount,
    count,
    ms,
    percent,
    rate,
    significant,
    size,
    times,
    wish,
)
from benchmarks.report.page import Page, Section, Table
from benchmarks.report.results import computing, read_results, reading
from benchmarks.report.terminal import print_json, print_page
from benchmarks.runner.ending import FINE
from benchmarks.storage.run_folder import Run
from benchmarks.storage.usage import UsageError

_ONE_AT_A_TIME = (
    "This is arithmetic on means of requests that come one at a time. Under load a cache also "
    "takes work off the database; what it gains in capacity is another number, which fivefold "
    "capacity measures."
)
_TTL = "fivefold hit-ratio tells the TTL that a hit ratio takes."
_RIGHT = (
    "That a cache answers nothing stale is taken for granted here; fivefold verify checks it for "
    "fivefold's own. A fast wrong answer is worth nothing."
)


def advise(question: Question, *, json: bool = False, console: Console | None = None) -> int:
    """Print whether a cache is worth it.

    With ``json`` standard output gets the answer, and the numbers with the origin of each.

    Returns 0 whatever the answer is: it is an answer. Raises ``UsageError`` when the folder of the
    run does not hold one that can be advised on.
    """
    console = console or Console(stderr=json)
    evidence = None if question.run_dir is None else _evidence(question.run_dir)
    facts = gather(question, evidence)
    found = answer(facts)
    print_page(page(facts, found, evidence), console)
    if json:
        print_json({"answer": found, "numbers": [*facts.numbers.values()]})
    return FINE


def _evidence(run_dir: Path) -> Evidence:
    run = Run(run_dir)
    with reading(run_dir), computing(run):
        results = read_results(run)
        if results.environment.is_foreign:
            raise UsageError(
                f"{run_dir} is of services that are not this project's: its report says from which "
                "hit ratio on a cache pays there. For more give the numbers as options: --db-ms, "
                "the time of a request without a cache, --hit-ms, that of a hit, --miss-ms, what a "
                "miss takes longer, and --app-ms 0"
            )
        return evidence_of(results)


def page(facts: WorkloadFacts, advice: Advice, evidence: Evidence | None) -> Page:
    """Return the whole advice."""
    sections = [
        Section(f"What {wish(advice.wanted.speedup)} takes", _wanted(facts, advice.wanted)),
        Section("Memory", _memory(facts, advice)),
        *([_sizing(facts, advice.sizing)] if advice.sizing is not None else []),
        _numbers(facts),
        Section("What to keep in mind", _caveats(facts, evidence)),
    ]
    return Page("fivefold: is a cache worth it?", verdict(facts, advice), sections)


def verdict(facts: WorkloadFacts, advice: Advice) -> list[str]:
    """Return whether a cache is worth it, what it brings, and from where on it would."""
    return [_pays(facts, advice), _break_even(facts, advice)]


def _pays(facts: WorkloadFacts, advice: Advice) -> str:
    h = percent(facts.hit_ratio)
    starts = {
        "pays": f"Yes, a cache is worth it here: with {h} of the reads answered from it, a read",
        "hardly": f"Hardly: with {h} of the reads answered from the cache, a read",
        "loses": f"No, a cache is not worth it here: with {h} of the reads answered from it, "
        "a read",
    }
    end = ": a gain too small to be noticed." if advice.decision == "hardly" else "."
    return (
        f"{starts[advice.decision]} takes {ms(advice.cached_ms)} ms instead of "
        f"{ms(advice.uncached_ms)} ms on average, {times(advice.speedup)} as fast"
        f"{_all_operations(facts, advice)}{end}"
    )


def _all_operations(facts: WorkloadFacts, advice: Advice) -> str:
    if not facts.writes.share:
        return ""
    return (
        f"; with the {percent(facts.writes.share)} writes counted in, all operations are "
        f"{times(advice.overall)} as fast"
    )


def _break_even(facts: WorkloadFacts, advice: Advice) -> str:
    alone, counted = advice.break_even_hit_ratio, advice.break_even_with_writes
    if alone is None:
        return (
            f"No hit ratio helps: a hit costs {ms(facts['hit_ms'])} ms and spares "
            f"{ms(facts['db_ms'])} ms. A faster way to the cache, or fewer requests to it, would "
            "have to come first."
        )
    text = f"Reads gain from a hit ratio of {percent(alone)} on"
    if facts.hit_ratio > 0:
        text += (
            f", or at {percent(facts.hit_ratio)} from a database that takes more than "
            f"{ms(advice.break_even_database_ms)} ms"
        )
    if not facts.writes.share:
        return f"{text}."
    if counted is None:
        return f"{text}. No hit ratio makes up for what the cache adds to the writes."
    return f"{text}; with the writes counted in, from {percent(counted)} on."


def _wanted(facts: WorkloadFacts, want: WantedSpeedup) -> list[str]:
    """Return what the wanted speedup takes, or why nothing gives it."""
    if want.hit_ratio is None:
        return [_impossible(facts, want)]
    have = facts.hit_ratio
    verb = "is reached" if have >= want.hit_ratio else "is not reached"
    takes = f"Reads that are {wish(want.speedup)} as fast on average take a hit ratio of"
    return [f"{takes} {percent(want.hit_ratio)}; with {percent(have)} that {verb}.", _TTL]


def _impossible(facts: WorkloadFacts, want: WantedSpeedup) -> str:
    model = facts.model
    return (
        f"{wish(want.speedup)} is impossible here, whatever the hit ratio and the TTL: if every "
        f"read hit, it would still take {ms(model.hit_total_ms)} ms, {times(model.limit)}. It "
        f"takes a database of at least {ms(want.least_database_ms)} ms (here "
        f"{ms(model.database_ms)} ms), or a hit of at most "
        f"{ms(model.uncached_ms / want.speedup)} ms in all."
    )


def _memory(facts: WorkloadFacts, advice: Advice) -> list[str]:
    value, users = int(facts["entry_bytes"]), int(facts["users"])
    each = (
        f"A value of {count(value)} bytes takes {count(advice.entry_bytes)} in Redis: its key, its "
        "expiry, and what the allocator rounds up to come with it (as measured on Redis 8.2 with "
        "keys of 54 bytes)."
    )
    together = (
        f"The entries of {count(users)} users take {size(advice.memory_bytes)}. Fragmentation, "
        "client buffers and expired entries that Redis has not removed yet come on top."
    )
    return [each, together]


def _sizing(facts: WorkloadFacts, sizing: Sizing) -> Section:
    load = (
        f"At a hit ratio of {percent(facts.hit_ratio)} with {percent(facts.writes.share)} writes. "
        f"A worker is one process on one core, filled to {percent(BUSY)} of its time; so is the "
        f"core of a Redis node, which holds {size(NODE_BYTES)}."
    )
    times_of = (
        f"The processor times are those of fivefold's own service, measured on {MEASURED_ON}: the "
        "cores of the database say nothing of MongoDB, its finds and writes do. docs/scale.md has "
        "the times, the formula for your own, and what ends first."
    )
    rows = [
        ["workers", count(sizing.workers_without), count(sizing.workers)],
        ["Redis nodes", MISSING, count(sizing.redis_nodes)],
        ["cores busy in Redis", MISSING, amount(sizing.redis_cores)],
        ["finds per second", amount(sizing.finds_without), amount(sizing.finds)],
        ["writes per second", amount(sizing.writes), amount(sizing.writes)],
        ["lease renewals per second", MISSING, amount(sizing.renewals)],
        [
            "cores busy in the database",
            amount(sizing.database_cores_without),
            amount(sizing.database_cores),
        ],
    ]
    heading = f"What {rate(facts['rate'])} requests per second take"
    return Section(heading, [load, times_of], Table(("", "without", "with"), rows))


def _numbers(facts: WorkloadFacts) -> Section:
    rows = [
        [
            option(known.name),
            significant(known.value, 6 if known.origin == "given" else 3),
            known.origin,
        ]
        for known in facts.numbers.values()
    ]
    return Section("The numbers this rests on", [], Table(("option", "value", "origin"), rows))


def _caveats(facts: WorkloadFacts, evidence: Evidence | None) -> Sequence[str]:
    lines = []
    if evidence is not None and evidence.failed_checks:
        names = ", ".join(evidence.failed_checks)
        lines.append(f"Checks of this run failed ({names}): what follows from it may mean nothing.")
    lines += [_ONE_AT_A_TIME, _RIGHT]
    origin = facts.numbers["hit_ratio"].origin
    if evidence is not None and origin == "measured":
        lines.append(
            f"The hit ratio is that of sessions of {evidence.session} reads from a cold cache "
            f"({evidence.label}); a real workload has another."
        )
    if origin == "predicted":
        lines.append(
            "The hit ratio is predicted from users, requests per second, skew, TTL and writes, for "
            "reads and writes that come at random (Poisson) and a TTL that hits do not renew. "
            "Reads that come in bursts hit more often."
        )
    assumed = [each for each in facts.numbers if facts.assumes(each)]
    if assumed:
        lines.append(
            f"{len(assumed)} numbers are assumed, those of the cache typical of fivefold's own "
            "service on two shared CPUs: say yours, and the answer may change."
        )
    return lines
