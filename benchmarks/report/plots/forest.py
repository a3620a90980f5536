"""The forest plots: every ratio of a run with its interval, on one scale."""

from collections.abc import Iterable, Sequence

from benchmarks.report.figure import Figure
from benchmarks.report.figures import MISSING
from benchmarks.report.page import Table
from benchmarks.report.plots import style
from benchmarks.report.plots.forest_layout import Forest, ForestRow
from benchmarks.report.results import Results

_HEADINGS = ("scenario", "regime", "variant", "ratio", "low 95 %", "high 95 %")


def make(results: Results) -> Figure | None:
    """Draw what verdicts are about: the claims' regimes, the mixes, and each against itself.

    The sweeps of the servers' speeds are curves of their own.
    """
    rows = [*_session_rows(results), *_mix_rows(results), *_noise_rows(results)]
    if not rows:
        return None
    title = "Every verdict at a glance"
    forest = Forest(rows, looks=style.looks(results), claims=_claims(results, rows))
    dashed = " and ".join(f"{value:.3g}x" for value in forest.claims)
    lines = f" Dashed lines: the claimed {dashed}." if forest.claims else ""
    return Figure(
        name="forest",
        title=title,
        caption=(
            "How many times as fast as the reference each variant was, with the 95 % interval; "
            f"the scale is logarithmic, right of 1 is faster.{lines}"
        ),
        alt=_alt(rows),
        table=Table(_HEADINGS, [_cells(row) for row in rows]),
        svg=style.to_svg(forest.draw, title=title, height=forest.height),
    )


def _session_rows(results: Results) -> Iterable[ForestRow]:
    roles = {entry["name"]: entry.get("role", "claim") for entry in results["regimes"]}
    for summary in results["summaries"]:
        if summary.get("kind") == "mix" or roles.get(summary["regime"], "claim") != "claim":
            continue
        for ratio in summary["ratios"]:
            shown = ratio["shown"] or {"low": None, "high": None}
            yield ForestRow(
                "Sessions",
                summary["scenario"],
                summary["regime"],
                ratio["variant"],
                ratio["ratio"],
                shown["low"],
                shown["high"],
            )


def _mix_rows(results: Results) -> Iterable[ForestRow]:
    for mix in results.get("workloads") or ():
        speedup = mix.get("speedup")
        if speedup:
            yield ForestRow(
                "Workloads of many users",
                mix["scenario"],
                mix["regime"],
                mix["variant"],
                speedup["centre"],
                speedup["low"],
                speedup["high"],
            )


def _noise_rows(results: Results) -> Iterable[ForestRow]:
    for noise in results.get("noise") or ():
        ratio = noise["ratio"]
        yield ForestRow(
            "Noise: each against itself",
            "a/a",
            "",
            noise["variant"],
            ratio["centre"],
            ratio["low"],
            ratio["high"],
        )


def _cells(row: ForestRow) -> list[str]:
    texts = [MISSING if value is None else f"{value:g}" for value in (row.low, row.high)]
    return [row.scenario, row.regime or MISSING, row.variant, f"{row.ratio:g}", *texts]


def _alt(rows: Sequence[ForestRow]) -> str:
    listed = [f"{row.variant}, {row.where}: {row.number}" for row in rows]
    many = f" and {len(listed) - 12} more in the table" if len(listed) > 12 else ""  # noqa: PLR2004
    return f"Ratios with intervals. {'; '.join(listed[:12])}{many}."


def _claims(results: Results, rows: Sequence[ForestRow]) -> list[float]:
    """Return what is claimed of the ratios that are drawn, where it was judged."""
    scenarios = {row.scenario for row in rows}
    judged = {verdict["claim"] for verdict in results["verdicts"]}
    return sorted(
        claim["value"]
        for claim in results["arithmetic"]["claims"].values()
        if claim["scenario"] in scenarios
        and claim["name"] in judged
        and claim.get("statistic", "total") == "total"
    )
