"""Where a cache pays: the break-even by formulas, pictures and a reader's own numbers."""

from benchmarks.advise import words
from benchmarks.advise.amounts import percent
from benchmarks.advise.answer import answer
from benchmarks.advise.facts import gather
from benchmarks.advise.question import Question
from benchmarks.analysis.claims import SEED_MODEL
from benchmarks.export import foreseen
from benchmarks.export.figures import ms, times
from benchmarks.export.plots import break_even, residuals
from benchmarks.model.break_even import break_even_database_ms, least_database_ms
from benchmarks.model.writes import most_writes_for_reads, most_writes_overall
from notebooks.lib.model.distance import TUTORIAL, farthest_ms
from notebooks.lib.plots import far_redis, writes
from notebooks.lib.plots.fitted import Fitted

__all__ = [
    "SEED_MODEL",
    "TUTORIAL",
    "Fitted",
    "break_even",
    "break_even_database_ms",
    "far_redis",
    "farthest_ms",
    "foreseen",
    "in_words",
    "least_database_ms",
    "most_writes_for_reads",
    "most_writes_overall",
    "ms",
    "percent",
    "residuals",
    "times",
    "writes",
]


def in_words(**numbers: float) -> str:
    """Return the speedup and the verdict for the numbers of a ``Question``, as Markdown.

    Whatever is not given is assumed as ``fivefold advise`` does. Raises ``UsageError`` for a
    number that cannot be.
    """
    facts = gather(Question.asked(**numbers), None)
    found = answer(facts)
    short = f"**{times(found.mean.speedup)}** for the mean read."
    return " ".join([short, *words.verdict(facts, found)])
