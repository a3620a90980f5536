from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from json import dumps
from json import loads as json_of
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from benchmarks.analysis.checks.check import failed_checks
from benchmarks.capacity import sweep
from benchmarks.capacity.options import CapacityOptions
from benchmarks.capacity.sweep import capacity, order, take_step
from benchmarks.cli.rendering import render
from benchmarks.measure.closed_loop import ClosedLoop, LoadResult
from benchmarks.report.capacity import SweepResults, assemble_sweep
from benchmarks.storage.plain import from_plain, to_json
from benchmarks.storage.records import SweepStep
from benchmarks.storage.usage import UsageError
from tests.unit.benchmarks.capacity.steps import header, step
from tests.unit.benchmarks.fake_dependencies import Fakes
from tests.unit.benchmarks.fake_service import ServiceFaults

FILES = ("results.json", "report.md")
SLOW_S = 0.01
"""What an answer takes, so that the client is idle meanwhile."""
ANSWERS = 12
"""How many end a step."""


class CountedLoop(ClosedLoop):
    """Ends with an answer, not with a time: a busy machine measures as much as an idle one."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, timeout_s=60.0, **more)

    def run(self, *, seconds: float | None = None, requests: int | None = None) -> LoadResult:
        del seconds
        return super().run(requests=requests or ANSWERS)


def asked(*variants: str, connections: Sequence[int] = (2,)) -> CapacityOptions:
    # No target is judged with 2 or 3 connections: the fakes share the client's process, which
    # may be busy.
    return CapacityOptions.asked(
        variants=variants,
        connections=connections,
        rounds=2,
        seconds=0.1,
        users=3,
        todos_per_user=1,
    )


def swept(fakes: Fakes, options: CapacityOptions, **faults: Any) -> int:
    fakes.faults = ServiceFaults(**{"slow_s": SLOW_S} | faults)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("benchmarks.capacity.sweep.ClosedLoop", CountedLoop)
        return capacity(
            options,
            {},
            out=fakes.folder / "reports",
            json=True,
            dependencies=fakes.dependencies(),
        )


def sweep_in(fakes: Fakes) -> SweepResults:
    text = (fakes.folder / "reports" / "latest" / "results.json").read_text()
    return from_plain(SweepResults, json_of(text))


def test_every_round_has_every_step_once_and_variants_side_by_side() -> None:
    steps = order(asked(connections=[2, 3]))

    names = {"uncached", "cached", "static"}
    assert Counter(steps) == Counter(
        (number, connections, variant, "hit")
        for number in range(2)
        for connections in (2, 3)
        for variant in names
    )
    groups = [steps[start : start + 3] for start in range(0, len(steps), 3)]
    assert all(len({step[:2] for step in group}) == 1 for group in groups)
    # The order is random, and the same for the same seed.
    options = replace(asked(connections=[2, 3]), rounds=5)
    orders = [order(replace(options, seed=seed)) for seed in (1, 1, 2)]
    assert orders[0] == orders[1] != orders[2]
    assert {variant for _, _, variant, _ in orders[0][::3]} == names


def test_costs_are_those_of_what_is_no_ceiling_over_one_connection() -> None:
    steps = order(replace(asked(), costs=True, rounds=2))

    assert {step for step in steps if step[3] != "hit"} == {
        (number, 1, variant, asks)
        for number in range(2)
        for variant in ("uncached", "cached")
        for asks in ("miss", "write")
    }


def test_misses_are_misses_and_writes_are_writes(fakes: Fakes) -> None:
    # The fakes share the client's process, which may be called busy.
    swept(fakes, replace(asked("cached"), costs=True))

    steps = sweep_in(fakes).steps
    hits = {(step.variant, step.asks): step.hits / step.requests for step in steps}
    assert hits["cached", "hit"] == 1
    assert hits["cached", "miss"] == hits["cached", "write"] == 0
    assert {step.errors for step in steps} == {0}


def test_each_variant_runs_with_each_number_of_workers_and_json_is_the_file_of_the_results(
    fakes: Fakes, capsys: pytest.CaptureFixture[str]
) -> None:
    assert swept(fakes, replace(asked("cached"), workers=(1, 2))) == 0

    results = sweep_in(fakes)
    assert from_plain(SweepResults, json_of(capsys.readouterr().out)) == results
    names = [point.variant for point in results.points]
    assert names == ["uncached", "uncached-x2", "cached", "cached-x2"]
    assert [each["workers"] for each in fakes.started] == [1, 2, 1, 2]


def test_a_sweep_measures_every_step_leaves_nothing_and_is_rendered_again_byte_for_byte(
    fakes: Fakes, tmp_path: Path
) -> None:
    assert swept(fakes, asked(connections=[2, 3])) == 0

    results, folder = sweep_in(fakes), (fakes.folder / "reports" / "latest").resolve()
    assert results.state == "complete"
    assert len(results.steps) == 2 * 2 * 3
    assert [point.hit_ratio for point in results.points] == [0, 0, 1, 1, 0, 0]
    assert folder.name in fakes.output.getvalue()
    assert fakes.running == 0
    assert not fakes.mongo.open
    assert len(set(fakes.mongo.dropped)) == 3
    assert not any(fakes.databases.values())
    again = tmp_path / folder.name
    again.mkdir()
    (again / "results.json").write_bytes((folder / "results.json").read_bytes())
    assert render(again, console=Console(file=fakes.output)) == 0
    assert [(again / each).read_bytes() for each in FILES] == [
        (folder / each).read_bytes() for each in FILES
    ]


def test_results_without_steps_are_no_sweep(tmp_path: Path) -> None:
    stored = json_of(to_json(assemble_sweep(header(), [step()])))
    del stored["steps"]
    (tmp_path / "results.json").write_text(dumps(stored))

    with pytest.raises(UsageError, match="not the folder of a run"):
        render(tmp_path)


@pytest.mark.parametrize(
    ("fault", "failed"),
    [({"never_caches": True}, "hits"), ({"status": lambda _: 503}, "errors")],
)
def test_misses_or_answers_other_than_200_make_a_sweep_inconclusive(
    fakes: Fakes, fault: dict[str, Any], failed: str
) -> None:
    code = swept(fakes, asked("cached"), **fault)

    assert code == 3
    assert [each.name for each in failed_checks(sweep_in(fakes).checks)] == [failed]
    assert f"WRONG {failed}" in fakes.output.getvalue()


def test_an_interrupted_sweep_keeps_the_steps_before(
    fakes: Fakes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    numbers = count()

    def interrupted(*taken: Any, **more: Any) -> SweepStep:
        if next(numbers) == 3:
            raise KeyboardInterrupt
        return take_step(*taken, **more)

    monkeypatch.setattr(sweep, "take_step", interrupted)
    code = swept(fakes, asked("cached"))

    results = sweep_in(fakes)
    assert code == 4
    assert (results.state, len(results.steps)) == ("interrupted", 3)
    assert "What was measured is saved." in capsys.readouterr().err
    assert fakes.running == 0


def test_a_folder_that_is_a_file_is_refused() -> None:
    with pytest.raises(UsageError, match="is a file"):
        capacity(asked(), {}, out=Path(__file__))


def test_a_step_too_short_for_a_single_answer_says_what_to_do(
    fakes: Fakes, capsys: pytest.CaptureFixture[str]
) -> None:
    options = replace(asked("cached"), seconds=0.05)
    fakes.faults = ServiceFaults(slow_s=0.3)

    code = capacity(
        options,
        {},
        out=fakes.folder / "reports",
        json=True,
        dependencies=fakes.dependencies(),
    )

    assert code == 4
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "answered nothing within 0.05 s: raise --seconds" in printed.err


def test_every_step_fills_the_cache_before_it_counts(
    fakes: Fakes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def emptied(*taken: Any, **more: Any) -> SweepStep:
        for keys in fakes.databases.values():
            keys.clear()
        return take_step(*taken, **more)

    monkeypatch.setattr(sweep, "take_step", emptied)
    swept(fakes, asked("cached"))

    steps = sweep_in(fakes).steps
    assert [s.hits == s.requests for s in steps if s.variant == "cached"] == [True] * 2
