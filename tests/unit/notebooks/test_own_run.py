from pathlib import Path

import pytest

from benchmarks.storage.usage import UsageError
from notebooks.lib.own_run import change, named
from tests.unit.benchmarks.diff.runs import samples, write_run


def test_a_run_compared_with_itself_did_not_change(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", samples(observations=6))

    assert " 0 changed by more than" in change(run, run).headline[-1]


def test_of_two_runs_the_later_one_is_said_to_have_changed(tmp_path: Path) -> None:
    earlier = write_run(tmp_path / "a", samples(observations=8, noise=0.01))
    later = write_run(tmp_path / "b", samples(observations=8, noise=0.01, speedups={"cached": 2.0}))

    assert "(1 worse, 0 better)" in change(earlier, later).headline[-1]


def test_what_is_no_run_cannot_be_compared(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", samples(observations=6))

    with pytest.raises(UsageError, match="not the folder of a run"):
        change(run, "nowhere")


def test_a_variable_that_is_empty_names_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIVEFOLD_RUN", "")
    assert named("FIVEFOLD_RUN") is None

    monkeypatch.setenv("FIVEFOLD_RUN", "reports/latest")
    assert named("FIVEFOLD_RUN") == "reports/latest"
