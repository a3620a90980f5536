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
        """Tell whether a verdict or a model is about this ratio."""
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


def cost_model(summary: Entry, variant: str) -> CostModel | None:
    """Return a variant's mean costs in one regime, None without a database's time among them."""
    costs = next(each["costs"] for each in summary["variants"] if each["variant"] == variant)
    return CostModel(**costs) if costs and summary["database_ms"] else None
