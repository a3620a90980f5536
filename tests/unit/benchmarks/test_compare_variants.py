from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.coherence.probe.run import probe
from benchmarks.comparison import extras as closer_look
from benchmarks.comparison.compare import compare
from benchmarks.runner.options import CompareOptions
from benchmarks.storage.records import Coherence
from benchmarks.variants.registry import VARIANTS
from tests.unit.benchmarks.fake_service import Faults
from tests.unit.benchmarks.world import World, few_parts, results_in

REGIMES = ["native", "50ms-per-request"]


@pytest.fixture(name="world")
def _world(tmp_path: Path) -> World:
    return World(folder=tmp_path)


@pytest.fixture(name="options")
def _options(tmp_path: Path) -> CompareOptions:
    return asked(tmp_path)


def asked(tmp_path: Path, *scenarios: str) -> CompareOptions:
    """Ask for scenarios in two regimes each."""
    return few_parts(tmp_path, *scenarios, blocks=2, regimes=REGIMES)


def test_several_scenarios_are_measured_and_only_the_session_is_judged(
    world: World, tmp_path: Path
) -> None:
    options = asked(tmp_path, "session", "hits", "writes")

    code = compare(options, {}, tools=world.tools())

    results = results_in(options.out)
    assert code == 0
    assert [summary["scenario"] for summary in results["summaries"]] == [
        name for name in ("session", "hits", "writes") for _ in REGIMES
    ]
    assert {verdict["scenario"] for verdict in results["verdicts"]} == {"session"}
    hits = [s for s in results["summaries"] if s["scenario"] == "hits"]
    assert {variant["hit_ratio"] for s in hits for variant in s["variants"]} == {0.0, 1.0}


def test_every_variant_that_can_be_written_to_is_probed_and_a_ceiling_is_not(
    world: World, options: CompareOptions
) -> None:
    options = replace(options, variants=("uncached", "cached", "naive", "static"))

    code = compare(options, {}, tools=world.tools())

    results = results_in(options.out)
    assert code == 0
    assert [found["variant"] for found in results["coherence"]] == ["uncached", "cached", "naive"]
    assert all(found["reads"] and not found["stale"] for found in results["coherence"])
    assert "static" not in {verdict["variant"] for verdict in results["verdicts"]}


def test_a_rival_s_stale_reads_are_in_its_row_and_fail_nothing(
    world: World, options: CompareOptions
) -> None:
    world.faults_of[VARIANTS["naive"].module] = Faults(never_invalidates=True)
    options = replace(options, variants=("uncached", "cached", "naive"))

    code = compare(options, {}, tools=world.tools())

    results = results_in(options.out)
    stale = {found["variant"]: found["stale"] for found in results["coherence"]}
    assert code == 0
    assert stale["naive"] > 0
    assert stale["uncached"] == stale["cached"] == 0
    assert f"naive: stale reads: {stale['naive']} of" in world.output.getvalue()


def test_stale_reads_of_ours_make_every_verdict_inconclusive(
    world: World, options: CompareOptions
) -> None:
    world.faults_of["service"] = Faults(never_invalidates=True)

    code = compare(options, {}, tools=world.tools())

    results = results_in(options.out)
    assert code == 3
    assert {verdict["qualifier"] for verdict in results["verdicts"]} == {"failed: coherence"}


def test_an_interrupted_probe_keeps_the_blocks_and_the_probes_before_it(
    world: World, options: CompareOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(variant: str, *arguments: Any, **options: Any) -> Coherence:
        if variant == "cached":
            raise KeyboardInterrupt
        return probe(variant, *arguments, **options)

    monkeypatch.setattr(closer_look, "probe", interrupted)

    code = compare(options, {}, tools=world.tools())

    results = results_in(options.out)
    assert code == 4
    assert results["state"] == "interrupted"
    assert [found["variant"] for found in results["coherence"]] == ["uncached"]
    assert len(results["blocks"]) == len(REGIMES) * 2 * 2 * 2
    assert world.running == 0
