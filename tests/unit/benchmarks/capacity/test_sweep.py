from collections import Counter
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from benchmarks.capacity.files import CapacityRun
from benchmarks.capacity.options import CapacityOptions
from benchmarks.capacity.run import capacity
from benchmarks.capacity.sweep import order
from benchmarks.cli.rendering import report
from benchmarks.runner.dependencies import Dependencies
from benchmarks.stack.embedded import Stack
from benchmarks.stack.errors import StackError
from benchmarks.storage.usage import UsageError
from tests.unit.benchmarks.fake_service import Faults
from tests.unit.benchmarks.world import World, failed_guards, results_in

FILES = ("results.json", "report.md", "figures/capacity.svg")


@pytest.fixture(name="world")
def _world(tmp_path: Path) -> World:
    return World(folder=tmp_path)


@pytest.fixture(name="options")
def _options(tmp_path: Path) -> CapacityOptions:
    # No target is judged with 2 or 3 connections: the fakes share the client's process, which
    # may be busy.
    return CapacityOptions.asked(
        connections=[2, 3],
        rounds=2,
        seconds=0.1,
        users=3,
        todos_per_user=1,
        out=tmp_path / "reports",
    )


def test_every_round_has_every_step_once_and_variants_side_by_side(
    options: CapacityOptions,
) -> None:
    steps = order(options)

    assert Counter(steps) == Counter(
        (number, connections, variant)
        for number in range(2)
        for connections in (2, 3)
        for variant in ("uncached", "cached", "static")
    )
    groups = [steps[start : start + 3] for start in range(0, len(steps), 3)]
    assert all(len({step[:2] for step in group}) == 1 for group in groups)


def test_the_order_is_random_and_the_same_for_the_same_seed(options: CapacityOptions) -> None:
    orders = [order(replace(options, seed=seed, rounds=5)) for seed in (1, 1, 2)]

    assert orders[0] == orders[1] != orders[2]
    firsts = {variant for _, _, variant in orders[0][::3]}
    assert firsts == {"uncached", "cached", "static"}


def test_a_ladder_measures_every_step_and_writes_its_folder(
    world: World, options: CapacityOptions
) -> None:
    code = capacity(options, {}, tools=world.tools())

    results = results_in(options.out)
    latest = options.out / "latest"
    assert code == 0
    assert results["state"] == "complete"
    assert len(results["steps"]) == 2 * 2 * 3
    assert [rung["hit_ratio"] for rung in results["rungs"]] == [0, 0, 1, 1, 0, 0]
    assert all((latest / name).stat().st_size for name in [*FILES, "steps.csv", "latencies.csv.gz"])
    assert str(latest.readlink()) in world.output.getvalue()


def test_nothing_is_left_behind(world: World, options: CapacityOptions) -> None:
    capacity(options, {}, tools=world.tools())

    assert world.running == 0
    assert not world.mongo.open
    assert len(set(world.mongo.dropped)) == 3
    assert not any(world.databases.values())


def test_a_cache_that_never_hits_makes_the_ladder_inconclusive(
    world: World, options: CapacityOptions
) -> None:
    world.faults = Faults(never_caches=True)

    code = capacity(options, {}, tools=world.tools())

    assert code == 3
    assert failed_guards(results_in(options.out)) == {"hits"}
    assert "FAILED hits" in world.output.getvalue()


def test_answers_other_than_200_make_it_inconclusive(
    world: World, options: CapacityOptions
) -> None:
    world.faults = Faults(status=lambda _: 503)

    code = capacity(options, {}, tools=world.tools())

    assert code == 3
    assert failed_guards(results_in(options.out)) == {"errors"}


def test_an_interrupted_ladder_keeps_the_steps_before(
    world: World, options: CapacityOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    append_step = CapacityRun.append_step

    def interrupted(run: CapacityRun, step: Any, latencies_us: Any) -> None:
        if step.place == 7:
            raise KeyboardInterrupt
        append_step(run, step, latencies_us)

    monkeypatch.setattr(CapacityRun, "append_step", interrupted)

    code = capacity(options, {}, tools=world.tools())

    results = results_in(options.out)
    assert code == 4
    assert (results["state"], len(results["steps"])) == ("interrupted", 7)
    assert "What was measured is saved." in world.output.getvalue()
    assert world.running == 0


def test_a_step_too_short_for_a_single_answer_says_what_to_do(
    world: World, options: CapacityOptions
) -> None:
    world.faults = Faults(slow_s=0.3)

    code = capacity(replace(options, seconds=0.05), {}, tools=world.tools())

    assert code == 4
    assert "answered nothing within 0.05 s: raise --seconds" in world.output.getvalue()


def test_a_named_server_that_does_not_answer_is_a_usage_error_and_leaves_no_folder(
    world: World, options: CapacityOptions
) -> None:
    def broken(**_: Any) -> AbstractContextManager[Stack]:
        raise StackError("REDIS_URL=x://nowhere names a server without an answer")

    tools = Dependencies(open_stack=broken, start_service=world.start_service)

    with pytest.raises(UsageError, match="x://nowhere"):
        capacity(options, {}, tools=tools)

    assert not options.out.exists()


def test_a_ladder_is_rendered_again_byte_for_byte(world: World, options: CapacityOptions) -> None:
    capacity(options, {}, tools=world.tools())
    run = options.out / "latest"
    first = [(run / name).read_bytes() for name in FILES]
    (run / "report.md").unlink()

    code = report(run, console=Console(file=world.output))

    assert code == 0
    assert [(run / name).read_bytes() for name in FILES] == first


def test_a_folder_whose_results_are_gone_is_a_usage_error(
    world: World, options: CapacityOptions
) -> None:
    capacity(options, {}, tools=world.tools())
    (options.out / "latest" / "results.json").unlink()

    with pytest.raises(UsageError, match="not the folder of a ladder"):
        report(options.out / "latest")


def test_a_folder_that_holds_no_run_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not the folder of a run"):
        report(tmp_path)


def test_every_step_fills_the_cache_before_it_counts(
    world: World, options: CapacityOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    append_step = CapacityRun.append_step

    def emptied(run: CapacityRun, step: Any, latencies_us: Any) -> None:
        append_step(run, step, latencies_us)
        for keys in world.databases.values():
            keys.clear()

    monkeypatch.setattr(CapacityRun, "append_step", emptied)

    capacity(options, {}, tools=world.tools())

    steps = [s for s in results_in(options.out)["steps"] if s["variant"] == "cached"]
    assert [step["hits"] == step["requests"] for step in steps] == [True] * 4
