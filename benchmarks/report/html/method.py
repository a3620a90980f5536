"""The method of the run in plain words, with its own numbers."""

from benchmarks.report import load_view
from benchmarks.report.computed import Results
from benchmarks.report.figures import count, significant
from benchmarks.report.page import Section

_CLOCK = (
    "A time runs from just before the request is sent to the last byte of the answer. Requests "
    "follow each other; nothing waits in a queue."
)
_INTERVALS = (
    "A ratio is the mean time of the reference over the mean time of the variant. Its interval "
    "comes from how much the observations differ from each other, never from single requests. 95 "
    "of 100 such intervals contain the true value; verdicts use 90 %, two one-sided tests at 5 %."
)
_VERDICTS = (
    "A claim is reproduced, or not reproduced, only where the whole interval says so. An interval "
    "that straddles the claim, or something wrong in what it is about, leaves it inconclusive."
)


def method(results: Results) -> list[Section]:
    """Return the section, none where nothing was compared."""
    seen = [ratio.observations for each in results.summaries for ratio in each.ratios]
    if not seen:
        return []
    if results.load is not None:
        return load_view.method(results)
    sentences = [
        _blocks(results),
        _observations(seen),
        _restarts(results),
        _warm_up(results),
        _CLOCK,
        _INTERVALS,
        _widened(results),
        _VERDICTS,
    ]
    return [
        Section(
            "How it was measured", [sentence for sentence in sentences if sentence], kind="about"
        )
    ]


def _blocks(results: Results) -> str:
    return (
        "The variants stay up side by side. They were measured in short blocks by turns, in an "
        "order drawn by lot, so that whatever the machine did meanwhile hit all of them alike: "
        f"{count(len(results.blocks))} blocks, seed {results.options.seed}."
    )


def _observations(seen: list[int]) -> str:
    least, most = min(seen), max(seen)
    many = str(least) if least == most else f"{least} to {most}"
    return f"One block of each variant makes an observation; each ratio here rests on {many}."


def _widened(results: Results) -> str:
    return (
        "Services were also measured against themselves. By what that shows beyond chance, and by "
        "what one half of a case says otherwise than the other, intervals are widened: those of "
        f"this run {significant(results.widening, 2)} times or more."
    )


def _restarts(results: Results) -> str:
    if results.environment.is_foreign:
        return ""
    restarts = results.options.restarts
    if restarts == 1:
        return (
            "The services were started once: what differs from one start of a process to the next "
            "is not in the intervals."
        )
    return f"The services were started anew {restarts} times, and everything measured each time."


def _warm_up(results: Results) -> str:
    sessions = results.options.warmup_sessions
    if not sessions:
        return ""
    return (
        f"Before anything counted, each service answered {count(sessions)} sessions that were "
        "thrown away, to warm its process. Filling the cache is no warm-up but part of what is "
        "measured, unless a scenario says that it was filled before."
    )
