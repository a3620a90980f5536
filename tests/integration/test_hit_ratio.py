"""Points of the curves on real servers, as few and as short as they can be."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.predict.hit_ratio import run
from benchmarks.predict.hit_ratio.question import HitRatioQuestion, grid
from benchmarks.runner.services import Dependencies
from tests.patient import start_patient

# A TTL of one second, at a rate that a busy machine can keep.
QUESTION = HitRatioQuestion(users=30, ttl_s=1.0, rate=100.0, writes=0.1, measure=True, seconds=1.0)


@pytest.mark.servers
def test_a_point_is_measured_beside_its_prediction(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    *_, one = (point for point in grid(QUESTION) if point.axis == "ttl")
    monkeypatch.setattr(run, "grid", lambda _: [one])
    question = replace(QUESTION, out=tmp_path / "reports")
    with (tmp_path / "output").open("w") as output:
        dependencies = Dependencies(
            console=Console(file=output, width=100), start_service=start_patient
        )
        code = run.hit_ratio(question, {}, dependencies=dependencies)

    (folder,) = (tmp_path / "reports").iterdir()
    results = json.loads((folder / "results.json").read_text())
    assert code == 0, (tmp_path / "output").read_text()
    assert results["state"] == "complete"
    [point] = results["points"]
    # How close they are says something on a quiet machine; what is published is held to that.
    assert 0 < point["predicted"] < 1
    assert 0 <= point["measured"]["centre"] <= 1
    assert sum(point["todos"].values()) == point["reads"]
