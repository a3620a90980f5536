"""The option ``--json``: stdout is for programs, and what a person reads is on stderr."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks.cli import main as cli
from benchmarks.report.terminal import print_json
from benchmarks.storage.run_folder import Run
from tests.unit.benchmarks.coherence.test_summary import summary
from tests.unit.benchmarks.diff.runs import samples, write_run

Printed = Callable[..., Any]


@pytest.fixture(name="printed")
def _printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Printed:
    def printed(*arguments: str | Path) -> Any:
        monkeypatch.setattr("sys.argv", ["fivefold", *map(str, arguments), "--json"])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        assert ended.value.code == 0, said.err
        # A person still reads it.
        assert said.err.strip()
        return json.loads(said.out)

    return printed


def test_an_advice_is_a_decision_with_the_origin_of_every_number(printed: Printed) -> None:
    found = printed("advise", "--db-ms", "12", "--hit-ratio", "0.8")

    assert found["answer"]["decision"] == "pays"
    origins = {each["name"]: each["origin"] for each in found["numbers"]}
    assert (origins["hit_ratio"], origins["skew"]) == ("given", "assumed")


def test_a_hit_ratio_is_what_its_folder_would_have(printed: Printed) -> None:
    found = printed("hit-ratio", "--users", "100", "--rate", "10", "--ttl", "60")

    assert found["schema"].startswith("fivefold.hit-ratio/")
    assert 0 < found["asked"]["predicted"]["todos"] < 1
    assert found["points"] == []


def test_a_report_is_the_results_of_the_run(printed: Printed, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", samples(seed=1))

    found = printed("report", run)

    assert found == json.loads(Run(run).results_file.read_text())


def test_a_change_has_its_verdict_and_its_ratios_with_intervals(
    printed: Printed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The extra that compares services of others does not bring it.
    monkeypatch.setitem(sys.modules, "pydantic_core", None)
    before = write_run(tmp_path / "before", samples(noise=0.001))
    slower = samples(noise=0.001, speedups={"cached": 3.0}, seed=2)

    found = printed("diff", before, write_run(tmp_path / "after", slower))

    [row] = found["cases"]
    assert found["objections"] == []
    assert (row["case"]["variant"], row["verdict"]["decision"]) == ("cached", "changed")
    ratio = row["speedup"]
    assert ratio["low"] <= ratio["centre"] <= ratio["high"] < 1


def test_what_the_doctor_saw_stands_below_its_headings(
    printed: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(*_: object) -> tuple[list[object], bool]:
        return [], True

    monkeypatch.setattr("benchmarks.doctor.run._servers", nothing)
    found = printed("doctor", "--seconds", "0")

    assert found["Servers"] == []
    assert {each["status"] for each in found["Versions"]} <= {"ok", "warn"}


def test_a_verified_run_is_its_figures_without_what_was_asked() -> None:
    figures = summary().figures

    assert "history" not in figures
    assert {"violations", "hit_ratio", "stale"} <= set(figures)


def test_a_number_that_is_not_finite_is_null(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"least": float("inf"), "most": float("nan")})

    assert json.loads(capsys.readouterr().out) == {"least": None, "most": None}
