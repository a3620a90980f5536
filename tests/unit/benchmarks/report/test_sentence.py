from dataclasses import replace
from typing import Any

import pytest

from benchmarks.analysis.checks.check import Check
from benchmarks.analysis.claims.verdict import Decision
from benchmarks.analysis.findings import Finding
from benchmarks.analysis.stats.intervals import Interval
from benchmarks.report.computed import Results
from benchmarks.report.sentence import cost_model, main_headline, range_of, sentence
from tests.unit.benchmarks.report.runs import check, interval, session_run, with_ratio
from tests.unit.benchmarks.simulate import ENVIRONMENT, scenario, variants


def native(ratio: float, spread: float = 0.03, **changes: Any) -> Results:
    """Make a run whose only ratio is this one, undecided by nothing."""
    run = replace(session_run(regimes=("native",)), **changes)
    return with_ratio(run, ratio=ratio, shown=interval(ratio, spread))


def failed(*checks: Check) -> Results:
    """Make a run that failed checks, for which nothing is decided."""
    return native(1.7, checks=checks)


def literal_claim(run: Results) -> Finding:
    return next(each for each in run.verdicts if each.claim == "C2")


def test_a_claim_that_did_not_hold_is_said_with_what_it_would_take() -> None:
    made = session_run(noise=0)
    run = with_ratio(made, ratio=2.5, shown=interval(2.5, 0.04))
    model = cost_model(run.summaries[0], "cached")

    # Six reads: 6 (1 + d) = 5 (6 - 4 + d) + 5 x 5 x 1 for a = 1, c = 0, m = 1.
    assert model is not None
    assert model.database_needed_ms(5.0, reads=6) == pytest.approx(29)
    assert sentence(run) == (
        "With the database as it is, the cached service answered five reads of a user's list 2.5 "
        "times as fast as the uncached one (between 2.4 and 2.6), so the claimed 5x did not hold; "
        "by this run's costs it would with a database slower than about 29 ms and at least 6 "
        "reads per change."
    )


def test_where_more_reads_are_enough_it_says_how_many() -> None:
    text = sentence(session_run(regimes=["50ms-per-request"], noise=0))

    assert text.startswith("With 50 ms for the queries of a read together, the cached service")
    assert text.endswith("; by this run's costs it would from 6 reads per change on.")


@pytest.mark.parametrize(
    ("ratio", "verdict", "ending"),
    [
        (6.0, "reproduced", "(between 5.8 and 6.2), so the claimed 5x held."),
        (5.0, "inconclusive", ", which leaves open whether the claimed 5x holds."),
    ],
)
def test_a_claim_that_held_or_stays_open_is_said_to(
    ratio: float, verdict: Decision, ending: str
) -> None:
    run = native(ratio)
    decided = replace(literal_claim(run), verdict=verdict, qualifier="")

    assert sentence(replace(run, verdicts=(decided,))).endswith(ending)


def test_a_claim_that_was_asked_for_comes_before_the_starting_document_s() -> None:
    run = native(3.0)
    asked = replace(
        literal_claim(run),
        claim="U1",
        text="cached/uncached p50 >= 2",
        asked=True,
        verdict="reproduced",
    )

    assert sentence(replace(run, verdicts=(*run.verdicts, asked))).endswith(
        'so the claim "cached/uncached p50 >= 2" held.'
    )


def test_rounding_never_moves_a_ratio_across_the_claim_or_makes_its_interval_a_point() -> None:
    assert range_of(Interval(4.9, 4.85, 4.98), claimed=5.0)[2] == "4.98"
    assert range_of(Interval(3.06, 2.94, 3.17)) == ("3.1", "2.9", "3.2")
    assert range_of(Interval(3.06, 3.05, 3.07)) == ("3.06", "3.05", "3.07")
    assert range_of(Interval(13.9, 12.6, 15.4)) == ("14", "13", "15")


def test_an_effect_within_the_interval_is_none() -> None:
    text = sentence(native(1.01, 0.05))

    assert "made no difference beyond the noise" in text
    assert "1.01 times as fast" in text
    assert "made no difference" not in sentence(native(1.02, 0.005))


def test_noise_takes_nothing_back() -> None:
    noisy = check("machine", result="noisy", advice="close the browser")

    assert sentence(native(3.0, checks=(noisy,))) == sentence(native(3.0))


def test_slower_is_called_slower_and_turned_around() -> None:
    text = sentence(native(0.5))

    assert "was slower: five reads of a user's list took 2.0 times as long as the uncached" in text
    assert "(between 1.9 and 2.1)" in text


def test_a_failed_check_decides_nothing_and_says_what_to_do() -> None:
    text = sentence(failed(check("delay", result="wrong", advice="repeat it on a quiet machine")))

    assert text.startswith(
        'This run decides nothing: the check "delay" failed. Repeat it on a quiet machine. Until '
        "it passes, the 1.70 times"
    )
    assert text.endswith("are a number, not a finding.")
    assert "hold" not in text


def test_several_failed_checks_are_each_named_once_those_of_the_very_ratio_first() -> None:
    run = failed(
        replace(check("control", result="wrong", advice="repeat it", regime="a/a"), scenario=""),
        check("client", result="wrong", advice="is anything else running?"),
        replace(check("errors", result="wrong", advice="read the logs"), variants=("naive",)),
    )

    assert sentence(run).startswith(
        'This run decides nothing: the checks "client" and "control" failed. Is anything else '
        "running? Until they pass,"
    )


def test_a_check_that_failed_elsewhere_does_not_touch_the_sentence() -> None:
    elsewhere = check("delay", result="wrong", regime="50ms-per-query")

    assert sentence(native(3.0, checks=(elsewhere,))) == sentence(native(3.0))


def test_an_interrupted_run_says_so_first() -> None:
    assert sentence(native(3.0, state="interrupted", reason="it was stopped")).startswith(
        "This run is interrupted (it was stopped). Until then, with the database as it is, the "
        "cached service answered"
    )


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("complete", "This run compared nothing: no pair of blocks came to its end."),
        ("broken", "This run is broken and compared nothing: no server."),
    ],
)
def test_a_run_without_any_pair_says_that_it_compared_nothing(state: str, said: str) -> None:
    assert sentence(replace(native(3.0), summaries=(), state=state, reason="no server")) == said


def test_too_few_blocks_are_not_dressed_up() -> None:
    run = native(3.0)

    assert sentence(with_ratio(run, shown=None)) == (
        "Too few blocks were measured to decide anything; in them the cached service was 3.00 "
        "times as fast, with no interval around it."
    )


def test_of_several_variants_it_is_about_ours() -> None:
    headline = main_headline(session_run("uncached", "naive", "cached", regimes=("native",)))

    assert headline is not None
    assert headline.ratio.variant == "cached"


def test_two_services_of_somebody_else_are_called_by_their_names_and_know_no_todo_list() -> None:
    old, new = (
        replace(each, name=name, kind="target")
        for each, name in zip(variants("uncached", "cached"), ("old", "new"), strict=True)
    )
    run = native(
        1.4,
        verdicts=(),
        scenarios=(scenario(purpose="GET /search of ten words"),),
        variants=(old, new),
        environment=replace(ENVIRONMENT, database=None),
    )

    assert sentence(with_ratio(run, variant="new", reference="old")) == (
        'In this run, new answered "session" (GET /search of ten words) 1.40 times as fast as old '
        "(between 1.36 and 1.44)."
    )
