"""Where a cache is worth it: the break-even by formulas, pictures and a reader's own numbers."""

from benchmarks.analysis.model.cost import break_even_database_ms, least_database_ms
from benchmarks.predict.advise.answer import answer, gather
from benchmarks.predict.advise.page import verdict
from benchmarks.predict.advise.question import Question
from benchmarks.report.computed import ModelResult
from benchmarks.report.figures import ms, significant, times
from benchmarks.report.measured import mixes, model
from benchmarks.report.page import Table
from benchmarks.report.plots import break_even, speedups

_UNITS = {"ms": " ms", "times": "x"}


def missed(fitted: ModelResult) -> Table:
    """Return the measured figures from which a model's prediction is off by more than 10 %."""
    rows = [
        [
            each.scenario,
            each.regime,
            each.what,
            *(f"{significant(value)}{_UNITS.get(each.unit, '')}" for value in both),
            f"{each.error:+.0%}",
        ]
        for each in fitted.residuals
        if each.flagged
        for both in [(each.predicted, each.measured)]
    ]
    return Table(("scenario", "regime", "what", "predicted", "measured", "off"), rows)


def in_words(**numbers: float) -> str:
    """Return the speedup and the verdict for the numbers of a ``Question``, as Markdown.

    Whatever is not given is assumed as ``fivefold advise`` does. Raises ``UsageError`` for a
    number that cannot be.
    """
    facts = gather(Question.asked(**numbers), None)
    found = answer(facts)
    short = f"**{times(found.speedup)}** for the mean read."
    return " ".join([short, *verdict(facts, found)])
