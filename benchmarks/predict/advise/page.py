"""The advice as a page."""

from collections.abc import Sequence

from benchmarks.analysis.model.residuals import LARGEST_ERROR, Residual
from benchmarks.analysis.model.sizing import Sizing
from benchmarks.predict.advise import curve, words
from benchmarks.predict.advise.amounts import amount, lifetime, percent, rate, wish
from benchmarks.predict.advise.answer import Advice
from benchmarks.predict.advise.evidence import Evidence
from benchmarks.predict.advise.facts import WorkloadFacts
from benchmarks.report.figures import MISSING, count, factor, ms, times
from benchmarks.report.page import Page, Section, Table

_NAMES = {
    "db_ms": "what a hit avoids (d)",
    "hit_ms": "what a hit costs instead (c)",
    "app_ms": "what both do (a)",
    "miss_ms": "what a miss adds (m)",
    "invalidation_ms": "what a write adds (i)",
    "write_ms": "a write without a cache",
    "hit_ratio": "hit ratio (h)",
    "writes": "share of writes (w)",
    "users": "users",
    "rate": "requests per second",
    "skew": "skew of the users",
    "ttl": "lifetime of an entry",
    "entry_bytes": "bytes of a cached value",
    "want": "wanted",
    "spread": "spread of a time",
}


def page(facts: WorkloadFacts, answer: Advice, evidence: Evidence | None) -> Page:
    """Return the whole advice."""
    sections = [
        _gains(facts, answer),
        Section(f"What {wish(answer.wanted.speedup)} takes", words.wanted(facts, answer)),
        Section("Memory", words.memory(facts, answer)),
        *([_sizing(facts, answer.sizing)] if answer.sizing is not None else []),
        curve.as_text(facts, answer),
        *([_model(evidence)] if evidence is not None else []),
        _numbers(facts, evidence),
        Section(
            "What to keep in mind",
            [*_failed(evidence), *words.caveats(facts, measured=evidence is not None)],
        ),
    ]
    return Page("fivefold: does a cache pay?", words.verdict(facts, answer), sections)


def _gains(facts: WorkloadFacts, answer: Advice) -> Section:
    rows = [
        [gain.what, ms(gain.uncached_ms), ms(gain.cached_ms), times(gain.speedup)]
        for gain in answer.gains
    ]
    sentence = f"One read, at a hit ratio of {percent(facts.hit_ratio)}."
    headings = ("of all reads", "without ms", "with ms", "faster")
    return Section("What it brings", [sentence], Table(headings, rows))


def _sizing(facts: WorkloadFacts, sizing: Sizing) -> Section:
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
    return Section(heading, words.sizing(facts), Table(("", "without", "with"), rows))


def _model(evidence: Evidence) -> Section:
    heading = "Model against measurement"
    fitted = evidence.fitted
    made_of = (
        f"The model is made of {count(fitted.uncached_reads)} uncached reads, "
        f"{count(fitted.misses)} misses, {count(fitted.hits)} hits and {count(fitted.writes)} "
        f"writes ({evidence.label}, scenario {fitted.source.scenario}), and of what the service "
        "reports of them in Server-Timing."
    )
    if not evidence.residuals:
        nothing = "The run holds nothing else that the model could be compared with."
        return Section(heading, [made_of, nothing])
    missed = [residual for residual in evidence.residuals if residual.flagged]
    judged = (
        f"Of what it was not made of it foresees {len(evidence.residuals) - len(missed)} of "
        f"{len(evidence.residuals)} figures to within {LARGEST_ERROR:.0%}, knowing only the "
        "database time, the hit ratio and the mix of each scenario and regime."
    )
    headings = ("scenario", "regime", "what", "model", "measured", "off by")
    rows = [_residual(residual) for residual in evidence.residuals]
    return Section(heading, [made_of, judged, *_why(missed)], Table(headings, rows))


def _why(missed: Sequence[Residual]) -> list[str]:
    notes = []
    if any(residual.what == "a hit" for residual in missed):
        notes.append(
            "A hit that is off took longer or shorter there than where the model was made: caches "
            "and clocks of the processor, and the machine's other work."
        )
    if any(residual.what == "a write" for residual in missed):
        notes.append(
            "A write that is off: the cache may spare writes a read of the database too, such as "
            "that of who asks, which grows with the database's time and is not in the model."
        )
    return notes


def _residual(residual: Residual) -> list[str]:
    show = {"ms": ms, "times": times, "share": percent}[residual.unit]
    off_by = f"{residual.error:+.1%}"
    return [
        residual.scenario,
        residual.regime,
        residual.what,
        show(residual.predicted),
        show(residual.measured),
        f"{off_by} MISSED" if residual.flagged else off_by,
    ]


def _numbers(facts: WorkloadFacts, evidence: Evidence | None) -> Section:
    # Measured times are used as they are, so there is no spread to be assumed.
    known = [
        number
        for number in facts.numbers.values()
        if not (number.name == "spread" and evidence is not None)
    ]
    order = list(_NAMES)
    rows = [
        [_NAMES[number.name], _shown(number.name, number.value), number.origin]
        for number in sorted(known, key=lambda number: order.index(number.name))
    ]
    return Section("The numbers this rests on", [], Table(("number", "value", "origin"), rows))


def _shown(name: str, value: float) -> str:
    if name.endswith("_ms"):
        return f"{ms(value)} ms"
    if name in {"users", "entry_bytes"}:
        return count(int(value))
    show = {
        "hit_ratio": percent,
        "writes": percent,
        "ttl": lifetime,
        "want": wish,
        "rate": rate,
    }
    return show.get(name, factor)(value)


def _failed(evidence: Evidence | None) -> list[str]:
    if evidence is None or not evidence.failed_checks:
        return []
    names = ", ".join(evidence.failed_checks)
    return [f"Checks of this run failed ({names}): what follows from it may mean nothing."]
