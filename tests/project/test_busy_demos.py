"""The experiment with busy demos: what it counts, and that it goes on where it was left."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks.report.results import assemble
from benchmarks.storage.plain import to_json
from benchmarks.storage.run_folder import Run
from tests import busy_demos
from tests.known_truth import read_lines
from tests.unit.benchmarks.simulate import header, run_samples


def verdict(decision: str, ratio: float = 2.0) -> dict[str, Any]:
    return {"verdict": decision, "ratio": ratio, "low": ratio / 1.05, "high": ratio * 1.05}


FULL = {f"C{number}": verdict("reproduced") for number in range(20)}


@pytest.mark.parametrize(
    ("changes", "met"),
    [
        ({}, [True, True, True]),
        ({f"C{number}": verdict("inconclusive") for number in range(3)}, [False, True, True]),
        ({"C1": verdict("not reproduced")}, [True, True, True]),
        ({"C1": verdict("not reproduced"), "C2": verdict("not reproduced")}, [True, False, True]),
        # Its interval begins a quarter above what the full run measured.
        ({"C1": verdict("not reproduced", 2.0 * 1.25 * 1.05)}, [True, True, False]),
        ({"C30": verdict("not reproduced")}, [True, True, True]),
    ],
    ids=["the same", "open", "one contradicts", "two do", "far off", "not in the full run"],
)
def test_demos_are_held_against_the_bar(changes: dict[str, Any], met: list[bool]) -> None:
    assert list(busy_demos.bars([FULL | changes], FULL).values()) == met


def test_what_was_collected_before_counts_with_what_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Run(tmp_path)
    results = assemble(header(), run_samples())
    run.write_all({run.results_file: to_json(results)})
    monkeypatch.setattr(busy_demos, "one_demo", lambda: busy_demos.verdicts_of(results))
    asked = ["--against", f"{tmp_path}", "--out", f"{tmp_path / 'demos.jsonl'}"]

    busy_demos.main(["--runs", "2", *asked])
    code = busy_demos.main(["--runs", "1", *asked])

    said = capsys.readouterr().out
    assert code == 3
    assert "0.0% of the decisions contradict" in said
    assert len(read_lines(tmp_path / "demos.jsonl")) == 3
