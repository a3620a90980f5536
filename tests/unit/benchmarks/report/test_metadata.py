from dataclasses import replace

from benchmarks.report.metadata import method
from tests.unit.benchmarks.report.runs import session_run, with_ratio


def test_the_method_is_told_with_the_numbers_of_the_run() -> None:
    run = session_run(regimes=("native", "50ms-per-request"))
    once, mixed = (method(each) for each in (run, with_ratio(run, observations=120)))

    assert once is not None
    assert mixed is not None
    assert "16 short blocks by turns, in an order drawn by lot (seed 1)" in once.sentences[0]
    assert once.sentences[0].endswith("each ratio here rests on 4.")
    assert mixed.sentences[0].endswith("each ratio here rests on 4 to 120.")
    assert method(replace(run, summaries=())) is None
