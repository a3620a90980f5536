from typing import Any

import pytest

from benchmarks.report.headline import cost_model, main_subject
from benchmarks.report.sentence import range_of, sentence
from tests.unit.benchmarks.report.runs import APP_MS, HIT_MS, MISS_MS, guard, interval, results


def with_ratio(ratio: float, spread: float = 0.03, **changes: Any) -> dict[str, Any]:
    """Make a run whose only ratio is this one, undecided by nothing."""
    made = results(regimes=["native"], **changes)
    entry = made["summaries"][0]["ratios"][0]
    entry |= {"ratio": ratio, "shown": interval(ratio, spread)}
    return made


def test_a_claim_that_did_not_hold_is_said_in_plain_words_with_the_interval() -> None:
    assert sentence(results()).startswith(
        "With the database as it is, the cached service answered five reads of a user's list 1.7 "
        "times as fast as the uncached one (between 1.6 and 1.8), so the claimed 5x did not hold"
    )


def test_it_says_how_slow_a_database_and_how_many_reads_the_claim_takes() -> None:
    made = results()
    model = cost_model(made["summaries"][0], "cached")
    assert model is not None
    needed = model.database_needed_ms(5.0, reads=6)

    assert needed == pytest.approx(5 * (APP_MS + MISS_MS + 5 * (APP_MS + HIT_MS)) - 6 * APP_MS)
    assert sentence(made).endswith(
        "; by this run's costs it would with a database slower than about 34 ms and at least 6 "
        "reads per change."
    )


def test_where_more_reads_are_enough_it_says_how_many() -> None:
    text = sentence(results(regimes=["50ms-per-request"]))

    assert text.endswith("; by this run's costs it would from 6 reads per change on.")


def test_a_claim_that_held_is_said_to_have_held_and_nothing_more() -> None:
    made = with_ratio(6.0)
    made["verdicts"][1] |= {"verdict": "reproduced", "qualifier": ""}

    assert sentence(made).endswith("(between 5.8 and 6.2), so the claimed 5x held.")


def test_a_claim_that_the_interval_straddles_is_left_open() -> None:
    made = with_ratio(5.0)
    made["verdicts"][1] |= {"verdict": "inconclusive", "qualifier": "straddles the claim"}

    assert sentence(made).endswith(", which leaves open whether the claimed 5x holds.")


def test_a_claim_that_was_asked_for_comes_before_the_starting_document_s() -> None:
    made = with_ratio(3.0)
    asked = made["verdicts"][0] | {"claim": "U1", "text": "cached/uncached p50 >= 2", "asked": True}
    made["verdicts"].append(asked | {"verdict": "reproduced", "qualifier": ""})

    assert sentence(made).endswith('so the claim "cached/uncached p50 >= 2" held.')


def test_rounding_never_moves_a_ratio_across_the_claim_or_makes_its_interval_a_point() -> None:
    assert range_of({"centre": 4.9, "low": 4.85, "high": 4.98}, claimed=5.0)[2] == "4.98"
    assert range_of({"centre": 3.06, "low": 2.94, "high": 3.17}) == ("3.1", "2.9", "3.2")
    assert range_of({"centre": 3.06, "low": 3.05, "high": 3.07}) == ("3.06", "3.05", "3.07")
    assert range_of({"centre": 13.9, "low": 12.6, "high": 15.4}) == ("14", "13", "15")


def test_no_effect_is_called_that_when_the_interval_holds_one() -> None:
    text = sentence(with_ratio(1.01, 0.05))

    assert "made no difference that can be told from noise" in text
    assert "1.01 times as fast" in text
    assert "differs from itself by up to 3%" in text


def test_an_effect_below_the_noise_floor_is_none_however_narrow_its_interval() -> None:
    assert "made no difference" in sentence(with_ratio(1.02, 0.005))
    assert "made no difference" not in sentence(with_ratio(1.02, 0.005, noise=[]))


def test_slower_is_called_slower_and_turned_around() -> None:
    text = sentence(with_ratio(0.5))

    assert "was slower: five reads of a user's list took 2.0 times as long as the uncached" in text
    assert "(between 1.9 and 2.1)" in text


def test_a_failed_check_decides_nothing_and_says_what_to_do() -> None:
    made = results(guards=[guard("drift", passed=False, advice="repeat it on a quiet machine")])
    for verdict in made["verdicts"]:
        verdict |= {"verdict": "inconclusive", "qualifier": "failed: drift"}

    text = sentence(made)

    assert text.startswith(
        'This run decides nothing: the check "drift" failed. Repeat it on a quiet machine. Until '
        "it passes, the 1.7 times"
    )
    assert text.endswith("are a number, not a finding.")
    assert "hold" not in text


def test_several_failed_checks_are_each_named_once_those_of_the_very_ratio_first() -> None:
    failed = [
        guard("noise", passed=False, regime="a/a", advice="repeat it"),
        guard("machine", passed=False, regime="a/a", advice="close the browser"),
        guard("machine", passed=False, advice="is anything else running?"),
    ]
    made = results(guards=failed)
    for verdict in made["verdicts"]:
        verdict |= {"verdict": "inconclusive", "qualifier": "failed: noise, machine"}

    assert sentence(made).startswith(
        'This run decides nothing: the checks "machine" and "noise" failed. Is anything else '
        "running? Until they pass,"
    )


def test_a_check_that_failed_elsewhere_does_not_touch_the_sentence() -> None:
    failed = guard("delay", passed=False, regime="50ms-per-query")

    assert sentence(results(guards=[failed])) == sentence(results())


def test_an_interrupted_run_says_so_first() -> None:
    text = sentence(results(state="interrupted", reason="it was stopped"))

    assert text.startswith(
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
    assert sentence(results(summaries=[], state=state, reason="no server")) == said


def test_too_few_blocks_are_not_dressed_up() -> None:
    made = with_ratio(3.0)
    made["summaries"][0]["ratios"][0]["shown"] = None

    assert sentence(made) == (
        "Too few blocks were measured to decide anything; in them the cached service was 3.00 "
        "times as fast, with no interval around it."
    )


def test_of_several_variants_it_is_about_ours() -> None:
    subject = main_subject(results(["uncached", "naive", "cached"]))

    assert subject is not None
    assert subject.ratio["variant"] == "cached"


def test_two_services_of_somebody_else_are_called_by_their_names_and_know_no_todo_list() -> None:
    made = with_ratio(1.4, verdicts=[])
    made["scenarios"][0] |= {"name": "session", "purpose": "GET /search of ten words"}
    made["summaries"][0] |= {"reference": "old"}
    made["summaries"][0]["ratios"][0] |= {"variant": "new", "reference": "old"}
    made["variants"] = [{"name": name, "kind": "target"} for name in ("old", "new")]
    made["environment"]["database"] = None

    assert sentence(made) == (
        'In this run, new answered "session" (GET /search of ten words) 1.40 times as fast as old '
        "(between 1.36 and 1.44)."
    )
