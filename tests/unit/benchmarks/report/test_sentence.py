from dataclasses import replace
from typing import Any

import pytest

from benchmarks.analysis.claims.verdict import Decision
from benchmarks.report.answer import consequence, cost_model, main_headline, without_answer
from benchmarks.report.computed import Results
from tests.unit.benchmarks.report.runs import check, interval, session_run, with_ratio


def native(ratio: float = 3.0, **changes: Any) -> Results:
    """Make a run whose only ratio is this one."""
    run = replace(session_run(regimes=("native",)), **changes)
    return with_ratio(run, ratio=ratio, shown=interval(ratio, 0.03))


def follows(run: Results) -> str:
    headline = main_headline(run)
    assert headline is not None
    return consequence(run, headline)


def test_a_claim_that_did_not_hold_is_said_with_what_it_would_take() -> None:
    run = session_run(noise=0)
    model = cost_model(run.summaries[0], "cached")

    # Six reads: 6 (1 + d) = 5 (6 - 4 + d) + 5 x 5 x 1 for a = 1, c = 0, m = 1.
    assert model is not None
    assert model.database_needed_ms(5.0, reads=6) == pytest.approx(29)
    assert follows(run) == (
        "The claimed 5x did not hold; by this run's costs it would with a database slower than "
        "about 29 ms and at least 6 reads per change."
    )
    assert follows(session_run(regimes=["50ms-per-request"], noise=0)) == (
        "The claimed 5x did not hold; by this run's costs it would from 6 reads per change on."
    )


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        ("reproduced", "The claimed 5x held."),
        ("inconclusive", "It stays open whether the claimed 5x holds."),
    ],
)
def test_a_claim_that_held_or_stays_open_is_said_to(verdict: Decision, said: str) -> None:
    run = native()
    literal = next(each for each in run.verdicts if each.claim == "C2")

    assert follows(replace(run, verdicts=(replace(literal, verdict=verdict),))) == said


def test_a_claim_that_was_asked_for_comes_before_the_starting_document_s() -> None:
    run = native()
    asked = replace(
        run.verdicts[0],
        claim="U1",
        text="cached/uncached p50 >= 2",
        asked=True,
        verdict="reproduced",
    )

    assert follows(replace(run, verdicts=(*run.verdicts, asked))) == (
        'The claim "cached/uncached p50 >= 2" held.'
    )


def test_failed_checks_decide_nothing_are_named_once_and_say_what_to_do() -> None:
    run = native(
        1.7,
        checks=(
            replace(
                check("control", result="wrong", advice="repeat it", regime="a/a"), scenario=""
            ),
            check("client", result="wrong", advice="is anything else running?"),
            check("client", result="wrong"),
            replace(check("errors", result="wrong", advice="read the logs"), variants=("naive",)),
        ),
    )

    assert without_answer(run) == (
        'This run decides nothing. Failed checks: "client", "control". Is anything else running? '
        "Until they pass, the 1.70 times (1.65-1.75) measured for cached are a number, not a "
        "finding."
    )


def test_a_run_without_any_pair_or_with_too_few_is_not_dressed_up() -> None:
    assert without_answer(replace(native(), summaries=())) == (
        "This run compared nothing: no pair of blocks came to its end."
    )
    assert without_answer(with_ratio(native(), shown=None)) == (
        "Too few blocks were measured to decide anything; in them cached was 3.00 times as fast, "
        "with no interval around it."
    )
