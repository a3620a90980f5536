"""What a report is about first of all: one ratio of a run, and what is known around it."""

from dataclasses import dataclass

from benchmarks.analysis.model.cost import CostModel
from benchmarks.report.page import Entry
from benchmarks.report.results import Results

SESSION, NATIVE = "session", "native"


@dataclass(frozen=True, slots=True)
class Headline:
    """One ratio of one scenario in one regime."""

    summary: Entry
    ratio: Entry

    def is_of(self, entry: Entry) -> bool:
        """Tell whether a verdict is about this ratio."""
        mine = (self.summary["scenario"], self.summary["regime"], self.ratio["variant"])
        return (entry["scenario"], entry["regime"], entry["variant"]) == mine


def main_headline(results: Results) -> Headline | None:
    """Return what a reader came for: ours, in the session, with the database as it is."""
    summaries = [summary for summary in results["summaries"] if summary["ratios"]]
    kinds = {entry["name"]: entry["kind"] for entry in results["variants"]}
    if not summaries:
        return None
    summary = min(
        summaries,
        key=lambda each: (
            each["scenario"] != SESSION,
            each["regime"] != NATIVE,
        ),
    )
    order = {"ours": 0, "ceiling": 2}
    return Headline(
        summary, min(summary["ratios"], key=lambda each: order.get(kinds[each["variant"]], 1))
    )


def seen(headline: Headline) -> dict[str, float]:
    """Return the ratio of means with the interval that is shown for it."""
    shown = headline.ratio["shown"]
    return {"centre": headline.ratio["ratio"], "low": shown["low"], "high": shown["high"]}


def noise_floor(results: Results) -> float:
    """Return by which share a service was seen to differ from itself, 0 where it was not."""
    return max((entry["floor"] for entry in results.get("noise", ())), default=0.0)


def cost_model(summary: Entry, variant: str) -> CostModel | None:
    """Return a variant's mean costs in one regime, None when an outcome was never seen."""
    means = {
        (entry["variant"], latency["outcome"]): latency["mean_ms"]
        for entry in summary["variants"]
        for latency in entry["latencies"]
    }
    uncached = means.get((summary["reference"], "bypass"))
    miss, hit = means.get((variant, "miss")), means.get((variant, "hit"))
    database = summary["database_ms"]
    if uncached is None or miss is None or hit is None or not database:
        return None
    app = max(0.0, uncached - database)
    # A miss does all that an uncached read does and more; a mean below that is noise.
    return CostModel(
        app_ms=app,
        database_ms=uncached - app,
        hit_ms=hit - app,
        miss_ms=max(0.0, miss - uncached),
    )
