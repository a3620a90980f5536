"""A reader's own numbers as a sentence or two: what the sliders of a notebook show."""

from benchmarks.advise import words
from benchmarks.advise.answer import answer
from benchmarks.advise.facts import gather
from benchmarks.advise.question import Question
from benchmarks.export.figures import times


def in_words(**numbers: float) -> str:
    """Return the speedup and the verdict for the numbers of a ``Question``, as Markdown.

    Whatever is not given is assumed as ``fivefold advise`` does. Raises ``UsageError`` for a
    number that cannot be.
    """
    facts = gather(Question.asked(**numbers), None)
    found = answer(facts)
    short = f"**{times(found.mean.speedup)}** for the mean read."
    return " ".join([short, *words.verdict(facts, found)])
