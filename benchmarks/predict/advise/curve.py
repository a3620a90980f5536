"""The curve S(h): how much faster reads are at each hit ratio."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isclose, log

from benchmarks.analysis.model.cost import mean_read_ms, speedup_at
from benchmarks.predict.advise.amounts import percent, wish
from benchmarks.predict.advise.answer import Advice
from benchmarks.predict.advise.facts import WorkloadFacts
from benchmarks.report.figures import ms, times
from benchmarks.report.page import Section, Table

STEPS = 10
_BAR, _WIDTH = "█", 24
_APART = 0.0005


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on the curve that has a name."""

    hit_ratio: float
    name: str


def marks(facts: WorkloadFacts, answer: Advice) -> list[Mark]:
    """Return the break-even, the wanted speedup, the cap of the writes, and where we are."""
    found = [Mark(facts.hit_ratio, "you are here")]
    if answer.break_even_hit_ratio is not None:
        found.append(Mark(answer.break_even_hit_ratio, "break-even"))
    if answer.wanted.hit_ratio is not None:
        found.append(Mark(answer.wanted.hit_ratio, wish(answer.wanted.speedup)))
    if facts.writes.share:
        found.append(Mark(facts.writes.cap, "most that writes leave"))
    return sorted(found, key=lambda mark: mark.hit_ratio)


def as_text(facts: WorkloadFacts, answer: Advice) -> Section:
    """Return the curve as a table with bars, a row for each tenth and for each mark."""
    rows = [
        [
            percent(ratio),
            ms(mean_read_ms(facts.model, ratio)),
            times(speedup_at(facts.model, ratio)),
            _bar(facts, ratio, names),
        ]
        for ratio, names in _rows(marks(facts, answer))
    ]
    table = Table(("hit ratio", "read ms", "faster", "on a logarithmic scale"), rows)
    return Section("The curve", ["The mean read by hit ratio; writes are not counted in."], table)


def as_csv(facts: WorkloadFacts, hit_ratios: Sequence[float]) -> str:
    """Return the curve's points, times in milliseconds."""
    lines = ["hit_ratio,read_ms,speedup"]
    lines += [
        f"{ratio:.6g},{mean_read_ms(facts.model, ratio):.6g},{speedup_at(facts.model, ratio):.6g}"
        for ratio in hit_ratios
    ]
    return "\n".join(lines) + "\n"


def _rows(places: Sequence[Mark]) -> Iterator[tuple[float, list[str]]]:
    ratios = sorted({*(step / STEPS for step in range(STEPS + 1)), *(m.hit_ratio for m in places)})
    last: float | None = None
    for ratio in ratios:
        if last is not None and isclose(ratio, last, abs_tol=_APART):
            continue
        last = ratio
        here = [m.name for m in places if isclose(m.hit_ratio, ratio, abs_tol=_APART)]
        yield ratio, here


def _bar(facts: WorkloadFacts, ratio: float, names: Sequence[str]) -> str:
    longest, speedup = facts.model.limit, speedup_at(facts.model, ratio)
    filled = round(_WIDTH * log(speedup) / log(longest)) if speedup > 1 and longest > 1 else 0
    return " ".join(
        [*([_BAR * filled] if filled else []), *([f"< {', '.join(names)}"] if names else [])]
    )
