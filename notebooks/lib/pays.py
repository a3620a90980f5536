"""Where a cache is worth it: the break-even by formulas, pictures and a reader's own numbers."""

from benchmarks.analysis.claims.claim import SEED_MODEL
from benchmarks.analysis.model.cost import break_even_database_ms, least_database_ms
from benchmarks.analysis.model.residuals import Residual
from benchmarks.analysis.model.writes import most_writes_for_reads, most_writes_overall
from benchmarks.predict.advise.answer import answer
from benchmarks.predict.advise.facts import gather
from benchmarks.predict.advise.page import verdict
from benchmarks.predict.advise.question import Question
from benchmarks.report import predicted
from benchmarks.report.computed import ModelResult
from benchmarks.report.figures import ms, percent, significant, times
from benchmarks.report.page import Table
from benchmarks.report.plots import break_even
from benchmarks.report.plots.rows import first_model
from notebooks.lib import costs
from notebooks.lib.costs import TUTORIAL, farthest_ms

__all__ = [
    "SEED_MODEL",
    "TUTORIAL",
    "break_even",
    "break_even_database_ms",
    "costs",
    "farthest_ms",
    "first_model",
    "in_words",
    "least_database_ms",
    "missed",
    "most_writes_for_reads",
    "most_writes_overall",
    "ms",
    "percent",
    "predicted",
    "times",
]


def missed(fitted: ModelResult) -> Table:
    """Return the measured figures from which a model's prediction is off by more than 10 %."""
    rows = [
        (
            each.scenario,
            each.regime,
            each.what,
            *_predicted_and_measured(each),
            f"{each.error:+.0%}",
        )
        for each in fitted.residuals
        if each.flagged
    ]
    return Table(("scenario", "regime", "what", "predicted", "measured", "off"), rows)


def _predicted_and_measured(residual: Residual) -> tuple[str, str]:
    unit = {"ms": " ms", "times": "x"}.get(residual.unit, "")
    return f"{significant(residual.predicted)}{unit}", f"{significant(residual.measured)}{unit}"


def in_words(**numbers: float) -> str:
    """Return the speedup and the verdict for the numbers of a ``Question``, as Markdown.

    Whatever is not given is assumed as ``fivefold advise`` does. Raises ``UsageError`` for a
    number that cannot be.
    """
    facts = gather(Question.asked(**numbers), None)
    found = answer(facts)
    short = f"**{times(found.speedup)}** for the mean read."
    return " ".join([short, *verdict(facts, found)])
