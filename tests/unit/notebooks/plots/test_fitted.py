from functools import cache

import pytest

from benchmarks.report.results import Results
from notebooks.lib.plots.fitted import Fitted
from tests.unit.benchmarks.report.plots.drawn import session_run, target_run


@cache
def run() -> Results:
    """Return a session on the database as it is; nobody may change it."""
    return session_run(regimes=("native",))


def test_the_first_model_of_a_run_is_taken_with_what_it_was_fitted_to() -> None:
    fitted = Fitted.of(run())

    assert fitted is not None
    assert (fitted.variant, fitted.scenario, fitted.regime) == ("cached", "session", "native")
    assert fitted.model.database_ms == run()["models"][0]["fit"]["model"]["database_ms"]


def test_a_slower_database_keeps_the_work_on_what_it_answers() -> None:
    fitted = Fitted.of(run())

    assert fitted is not None
    slower = fitted.at(50)
    assert slower.database_ms == pytest.approx(50 + run()["models"][0]["fit"]["work_ms"])
    assert slower.hit_ms == fitted.model.hit_ms


def test_a_run_without_a_model_has_none() -> None:
    assert Fitted.of(target_run()) is None
    assert Fitted.of({}) is None
