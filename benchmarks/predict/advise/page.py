"""The advice as a page."""

from collections.abc import Iterator, Sequence
from math import isclose, log

from benchmarks.analysis.model.cost import mean_read_ms, speedup_at
from benchmarks.analysis.model.residuals import LARGEST_ERROR, Residual
from benchmarks.analysis.model.sizing import Sizing
from benchmarks.predict.advise import words
from benchmarks.predict.advise.answer import Advice, Mark, marks
from benchmarks.predict.advise.facts import Evidence, WorkloadFacts
from benchmarks.predict.advise.question import NUMBERS
from benchmarks.report.figures import (
    MISSING,
    amount,
    count,
    factor,
    lifetime,
    ms,
    percent,
    rate,
    times,
    wish,
)
from benchmarks.report.page import Page, Section, Table

STEPS = 10
"""The rows of the curve, a tenth apart, beside those of its marks."""
_BAR, _WIDTH = "█", 24
_APART = 0.0005
_ORDER = (
    "db_ms", "hit_ms", "app_ms", "miss_ms", "invalidation_ms", "write_ms", "hit_ratio", "writes",
    "users", "rate", "skew", "ttl", "entry_bytes", "want", "spread",
)  # fmt: skip


def page(facts: WorkloadFacts, answer: Advice, evidence: Evidence | None) -> Page:
    """Return the whole advice."""
    sections = [
        _gains(facts, answer),
        Section(f"What {wish(answer.wanted.speedup)} takes", words.wanted(facts, answer)),
        Section("Memory", words.memory(facts, answer)),
        *([_sizing(facts, answer.sizing)] if answer.sizing is not None else []),
        _curve(facts, answer),
        *([_model(evidence)] if evidence is not None else []),
        _numbers(facts, evidence),
        Section(
            "What to keep in mind",
            [*_failed(evidence), *words.caveats(facts, measured=evidence is not None)],
        ),
    ]
    return Page("fivefold: is a cache worth it?", words.verdict(facts, answer), sections)


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


def _curve(facts: WorkloadFacts, answer: Advice) -> Section:
    """Show the curve as a table with bars, a row for each tenth and for each mark."""
    rows = [
        [
            percent(ratio),
            ms(mean_read_ms(facts.model, ratio)),
            times(speedup_at(facts.model, ratio)),
            _bar(facts, ratio, names),
        ]
        for ratio, names in _curve_rows(marks(facts, answer))
    ]
    table = Table(("hit ratio", "read ms", "faster", "on a logarithmic scale"), rows)
    return Section("The curve", ["The mean read by hit ratio; writes are not counted in."], table)


def _curve_rows(named: Sequence[Mark]) -> Iterator[tuple[float, list[str]]]:
    ratios = {*(step / STEPS for step in range(STEPS + 1)), *(mark.hit_ratio for mark in named)}
    last: float | None = None
    for ratio in sorted(ratios):
        if last is None or not isclose(ratio, last, abs_tol=_APART):
            last = ratio
            here = [m.name for m in named if isclose(m.hit_ratio, ratio, abs_tol=_APART)]
            yield ratio, here


def _bar(facts: WorkloadFacts, ratio: float, names: Sequence[str]) -> str:
    longest, speedup = facts.model.limit, speedup_at(facts.model, ratio)
    filled = round(_WIDTH * log(speedup) / log(longest)) if speedup > 1 and longest > 1 else 0
    bar, label = _BAR * filled, f"< {', '.join(names)}" if names else ""
    return " ".join(filter(None, (bar, label)))


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
        f"Of what it was not made of it predicts {len(evidence.residuals) - len(missed)} of "
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
            "that of the account, which grows with the database's time and is not in the model."
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
    rows = [
        [NUMBERS[number.name].label, _shown(number.name, number.value), number.origin]
        for number in sorted(known, key=lambda number: _ORDER.index(number.name))
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
