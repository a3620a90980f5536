from dataclasses import replace
from typing import Any

import pytest

from benchmarks.analysis.claims.claim import parse_claim
from benchmarks.analysis.header import BlockPlan, Case
from benchmarks.report.answer import consequence, main_headline
from benchmarks.report.computed import Results
from benchmarks.report.judged import verdicts
from benchmarks.report.longer import to_decide
from benchmarks.report.results import assemble
from tests.unit.benchmarks.load.simulated import load_header, load_samples
from tests.unit.benchmarks.report.runs import interval, session_run, target_run, with_ratio

NEAR = (5.0 / 1.1, 0.2099)
"""An interval that reaches twice as far as the claimed 5x is away: four times the blocks decide."""


def open_claim(run: Results, ratio: float, spread: float, **changes: Any) -> Results:
    """Return a run whose literal 5x was measured like this and stays undecided."""
    found = next(each for each in run.verdicts if each.claim in {"C2", "L1"})
    shown = interval(ratio, spread)
    measured = replace(
        found, verdict="inconclusive", ratio=ratio, low=shown.low, high=shown.high, failed=()
    )
    return replace(run, verdicts=(replace(measured, **changes),))


def own_run(restarts: int = 1, *near: float, **changes: Any) -> Results:
    run = session_run(regimes=("native",))
    options = replace(run.options, restarts=restarts, **changes)
    return open_claim(replace(run, options=options), *(near or NEAR))


def follows(run: Results) -> str:
    headline = main_headline(run)
    assert headline is not None
    return consequence(run, headline)


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (own_run(), "about --blocks 16 would decide it"),
        (own_run(5), "about 4 times the starts of the full profile would decide it"),
        # A start ends where it knows a ratio within 2 %.
        (
            own_run(1, 5.0 / 1.01, 0.05),
            "more blocks of one start would not decide it; --profile full has several starts",
        ),
        # It ended early, and would so again.
        (
            own_run(parts=(Case(scenario="session", regime="native", plan=BlockPlan(30, 4)),)),
            "more blocks of one start would not decide it; --profile full has several starts",
        ),
        (own_run(5, 5.0, 0.05), "too near its edge for any sensible time to decide"),
    ],
)
def test_of_own_variants_it_is_said_in_the_options_that_there_are(run: Results, said: str) -> None:
    assert follows(run) == f"It stays open whether the claimed 5x holds: {said}."
    assert f"C2, native, cached: {said}." in verdicts(run).notes


def test_of_a_load_it_is_said_in_seconds() -> None:
    run = assemble(load_header("mostly-reads"), list(load_samples()))
    run = open_claim(run, *NEAR)

    assert to_decide(run, run.verdicts[0]) == "about --seconds 360 would decide it"


@pytest.mark.parametrize(
    "changes",
    [
        {"verdict": "reproduced"},
        {"failed": ("errors",)},
        {"ratio": None, "low": None, "high": None},
    ],
    ids=["decided", "void", "not measured"],
)
def test_more_of_what_is_decided_void_or_not_measured_is_not_advised(
    changes: dict[str, Any],
) -> None:
    run = own_run()

    assert to_decide(run, replace(run.verdicts[0], **changes)) == ""


def running_services(spread: float) -> Results:
    """Compare two of them for ten seconds, and for as many each with itself."""
    run = target_run()
    first = replace(run.blocks[0], start_s=0.0, sessions=1, session_mean_ms=10_000)
    return with_ratio(replace(run, blocks=(first,)), ratio=3.0, shown=interval(3.0, spread))


def test_an_open_claim_about_running_services_takes_so_many_seconds() -> None:
    run = running_services(spread=0.3)
    run = replace(
        run,
        options=replace(run.options, claims=(parse_claim("b/a mean >= 5", name="U1"),)),
        verdicts=own_run().verdicts,
    )
    about: Any = {"claim": "U1", "asked": True, "scenario": "front-page", "variant": "b"}
    run = replace(run, verdicts=(replace(run.verdicts[0], **about),))

    assert follows(run).endswith("holds: about --seconds 80 would decide it.")


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (running_services(0.1024), "To know the ratio within 5% takes about --seconds 80."),
        (running_services(0.049), ""),
        (running_services(30.0), "No sensible time would tell the ratio within 5%."),
    ],
)
def test_a_wide_interval_of_running_services_takes_so_many_seconds(run: Results, said: str) -> None:
    assert follows(run) == said
