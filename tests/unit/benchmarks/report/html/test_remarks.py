from benchmarks.report.html.method import method
from benchmarks.report.html.remarks import remarks
from tests.unit.benchmarks.report.runs import REGIMES, guard, results
from tests.unit.benchmarks.simulate import coherence


def test_wrong_answers_come_first_and_count() -> None:
    probed = [coherence("cached"), coherence("naive", stale=12, backwards=3)]

    lines = remarks(results(["uncached", "cached", "naive"], coherence=probed))

    assert lines[0].startswith("15 of 3 400 checked reads of naive were wrong")
    assert lines[1] == (
        "No checked read of cached (3 400), made while others wrote, was stale or otherwise wrong."
    )


def test_the_other_regimes_of_the_claim_are_said_and_no_sweep() -> None:
    lines = remarks(results(regimes=list(REGIMES)))

    [line] = [each for each in lines if each.startswith("50ms-per-request (")]
    assert line.endswith(
        "): 4.5 times as fast (between 4.3 and 4.7); 4.63x reproduced; 5x not reproduced."
    )
    assert not any("db+" in line or "redis+" in line for line in lines)


def test_other_variants_are_named_with_their_ratios() -> None:
    lines = remarks(results(["uncached", "cached", "naive"]))

    assert "In the same blocks, as fast as uncached: naive 1.54 times." in lines


def test_checks_that_failed_are_named() -> None:
    failed = [guard(name, passed=False) for name in ("machine", "drift", "machine")]

    lines = remarks(results(guards=[*failed, guard("bodies")]))

    assert "Checks that failed: machine (2 times), drift." in lines


def test_what_the_engine_is_not_is_said_beside_the_verdict() -> None:
    assert any("not MongoDB figures" in line for line in remarks(results()))


def test_a_run_that_compared_nothing_has_nothing_to_add() -> None:
    assert remarks(results(summaries=[])) == []
    assert method(results(summaries=[])) == []


def test_the_method_is_told_with_the_numbers_of_the_run() -> None:
    [section] = method(results())
    text = " ".join(section.sentences)

    assert "180 blocks, seed 1." in text
    assert "each ratio here rests on 30." in text
    assert "answered 30 sessions that were thrown away" in text
    assert "The services were started once" in text


def test_restarts_are_counted() -> None:
    made = results()
    made["options"]["restarts"] = 3
    made["summaries"][0]["ratios"][0]["observations"] = 120

    text = " ".join(method(made)[0].sentences)

    assert "started anew 3 times" in text
    assert "rests on 30 to 120." in text
