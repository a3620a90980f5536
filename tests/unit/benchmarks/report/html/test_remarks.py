from dataclasses import replace

from benchmarks.report.computed import Results
from benchmarks.report.html.method import method
from benchmarks.report.html.remarks import remarks
from tests.unit.benchmarks.report.runs import CLAIMED, check, interval, session_run, with_ratio
from tests.unit.benchmarks.simulate import coherence


def run() -> Results:
    return session_run("uncached", "cached", "naive", regimes=(*CLAIMED, "db+5ms"), noise=0)


def test_wrong_answers_come_first_and_count() -> None:
    probed = (coherence("cached"), coherence("naive", stale=12, backwards=3))

    assert remarks(replace(run(), coherence=probed))[:2] == [
        "15 of 3 400 checked reads of naive were wrong: its speed is bought with wrong answers.",
        "No checked read of cached (3 400), made while others wrote, was stale or otherwise wrong.",
    ]


def test_other_regimes_of_the_claim_and_other_variants_are_said_and_no_sweep() -> None:
    made = with_ratio(run(), case=1, place=1, ratio=1.0, shown=interval(1.0, 0.1))

    lines = remarks(made)

    assert made.summaries[1].ratios[1].variant == "naive"
    assert lines[0] == (
        "50ms-per-request (50 ms for the queries of a read together): 4.58 times as fast (between "
        "4.58 and 4.58); 4.63x reproduced; 5x not reproduced."
    )
    assert "In the same blocks, as fast as uncached: naive 2.50 times." in lines
    assert not any("db+" in line for line in lines)
    assert lines[-2] == "these are not MongoDB figures."
    assert lines[-1].startswith(
        "Predicted, not measured: with a fast local database, 0.5 ms a read"
    )


def test_checks_that_failed_are_named() -> None:
    checks = [check(name, result="wrong") for name in ("client", "delay", "client")]

    others = check("bodies"), check("drift", result="noisy")
    lines = remarks(replace(run(), checks=(*checks, *others)))

    assert "Checks that found something wrong: client (2 times), delay." in lines


def test_a_run_that_compared_nothing_has_nothing_to_add() -> None:
    assert remarks(replace(run(), summaries=())) == []
    assert method(replace(run(), summaries=())) == []


def test_the_method_is_told_with_the_numbers_of_the_run() -> None:
    made = run()
    once = " ".join(method(made)[0].sentences)
    made = replace(with_ratio(made, observations=120), options=replace(made.options, restarts=3))
    thrice = " ".join(method(made)[0].sentences)

    assert "48 blocks, seed 1." in once
    assert "each ratio here rests on 4." in once
    assert "answered 30 sessions that were thrown away" in once
    assert "The services were started once" in once
    assert "started anew 3 times" in thrice
    assert "rests on 4 to 120." in thrice
