from dataclasses import replace
from typing import Any

import pytest

from benchmarks.analysis.claims.verdict import Decision
from benchmarks.analysis.stats.intervals import Interval
from benchmarks.report.answer import (
    answer,
    consequence,
    main_headline,
    range_of,
    without_answer,
)
from benchmarks.report.computed import Results
from benchmarks.report.page import ReportAnswer
from tests.unit.benchmarks.report.runs import (
    CLAIMED,
    check,
    interval,
    mix,
    session_run,
    target_run,
    with_ratio,
)


def of(run: Results) -> ReportAnswer:
    found = answer(run)
    assert found is not None
    return found


def test_the_sentence_has_the_other_database_many_writes_and_a_redis_far_away() -> None:
    run = session_run(regimes=("native", "50ms-per-request", "redis+5ms"), noise=0)
    run = with_ratio(run, ratio=2.5, shown=interval(2.5, 0.04))
    run = with_ratio(run, case=2, ratio=0.5, shown=interval(0.5, 0.04))
    found = of(replace(run, workloads=(mix("half-writes", speedup=interval(1.0, 0.1)),)))

    assert found.figure == "2.5x"
    assert found.sentence == (
        "Redis (cached) made five reads of a user's list 2.5x as fast (2.4-2.6) with a database "
        "that takes 4.00 ms; 4.58x at 50 ms; no difference that this run can show where every "
        "second request writes; slower with Redis 5 ms away."
    )


def test_the_tutorial_s_bars_stand_beside_what_its_50_ms_came_to_and_three_claims_in_words() -> (
    None
):
    found = of(session_run(regimes=CLAIMED))

    assert [(bar.label, bar.measured) for bar in found.bars] == [
        ("tutorial, without Redis", False),
        ("tutorial, with Redis", False),
        ("measured, uncached", True),
        ("measured, cached", True),
    ]
    assert [bar.ms for bar in found.bars[:2]] == [250, 54]
    assert [(row[0], row[3]) for row in found.rows] == [
        (f"{words} ({regime})", claim)
        for words, regime, claim in (
            (
                "250 ms become 54 ms, 4.63 times as fast",
                "50 ms for the queries of a read together",
                "C1",
            ),
            (
                "five times as fast, taken literally",
                "50 ms for the queries of a read together",
                "C2",
            ),
            ("five times as fast, taken literally", "the database as it is", "C2"),
        )
    ]


@pytest.mark.parametrize(
    ("ratio", "spread", "said"),
    [
        (1.01, 0.05, "1.01x as fast (0.96-1.06), no difference that this run can show, with"),
        (0.5, 0.04, "0.50x as fast (0.48-0.52), slower, with"),
        (1.02, 0.005, "1.02x as fast (1.01-1.03) with"),
    ],
)
def test_no_difference_and_slower_are_called_so(ratio: float, spread: float, said: str) -> None:
    run = session_run(regimes=("native",))

    assert said in of(with_ratio(run, ratio=ratio, shown=interval(ratio, spread))).sentence


def test_rounding_never_moves_a_ratio_across_the_claim_or_makes_its_interval_a_point() -> None:
    assert range_of(Interval(4.9, 4.85, 4.98))[2] == "4.98"
    assert range_of(Interval(3.06, 2.94, 3.17)) == ("3.1", "2.9", "3.2")
    assert range_of(Interval(3.06, 3.05, 3.07)) == ("3.06", "3.05", "3.07")
    assert range_of(Interval(13.9, 12.6, 15.4)) == ("14", "13", "15")


def test_noise_and_a_check_that_failed_elsewhere_take_nothing_back() -> None:
    run = session_run(regimes=("native",))
    others = (
        check("machine", result="noisy"),
        check("delay", result="wrong", regime="50ms-per-query"),
    )

    assert answer(replace(run, checks=others)) == of(replace(run, checks=()))


@pytest.mark.parametrize(
    "run",
    [
        replace(session_run(regimes=("native",)), checks=(check("errors", result="wrong"),)),
        replace(session_run(regimes=("native",)), summaries=()),
        with_ratio(session_run(regimes=("native",)), shown=None),
    ],
    ids=["wrong", "nothing compared", "too few blocks"],
)
def test_what_is_not_to_be_believed_has_no_answer(run: Results) -> None:
    assert answer(run) is None


def test_of_several_variants_it_is_about_ours() -> None:
    run = session_run("uncached", "naive", "cached", regimes=("native",))

    assert of(run).sentence.startswith("Redis (cached) made")


def test_services_of_somebody_else_are_called_by_their_names_and_know_no_todo_list() -> None:
    run = target_run()
    found = of(replace(run, options=replace(run.options, bodies_compared=False)))

    assert found.sentence.startswith('b answered "front-page" (for tests) 3.0')
    assert found.sentence.endswith(" as a. Bodies were not compared (--ignore-bodies).")
    assert found.bars == []


def native(ratio: float = 3.0, **changes: Any) -> Results:
    """Make a run whose only ratio is this one."""
    run = replace(session_run(regimes=("native",)), **changes)
    return with_ratio(run, ratio=ratio, shown=interval(ratio, 0.03))


def follows(run: Results) -> str:
    headline = main_headline(run)
    assert headline is not None
    return consequence(run, headline)


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        ("reproduced", "The claimed 5x held."),
        ("not reproduced", "The claimed 5x did not hold."),
        ("inconclusive", "It stays open whether the claimed 5x holds."),
    ],
)
def test_a_claim_that_held_did_not_or_stays_open_is_said_to(verdict: Decision, said: str) -> None:
    run = native()
    literal = next(each for each in run.verdicts if each.claim == "C2")

    assert follows(replace(run, verdicts=(replace(literal, verdict=verdict),))) == said


def test_a_claim_that_was_asked_for_comes_before_the_tutorial_s() -> None:
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
