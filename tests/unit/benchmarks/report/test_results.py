import json
from pathlib import Path

import pytest

from benchmarks.report.results import EARLIER, ResultsUnreadable, assemble, read_results, recompute
from benchmarks.storage.plain import to_json
from benchmarks.storage.run_folder import Run
from tests.unit.benchmarks.simulate import header, run_samples


def test_the_results_have_the_documented_parts_with_sorted_keys_and_short_numbers() -> None:
    text = to_json(assemble(header(), run_samples()))
    results = json.loads(text)
    [verdict, *_] = results["verdicts"]

    parts = {"schema", "environment", "options", "blocks", "checks", "verdicts"}
    assert parts <= set(results)
    numbers = {"statistic", "ratio", "low", "high", "verdict"}
    assert numbers | {"claim", "regime", "variant", "reference"} <= set(verdict)
    assert verdict["statistic"] == "S(5)"
    assert json.dumps(results, indent=2, sort_keys=True) + "\n" == text
    assert len(str(verdict["ratio"])) <= 7


def test_a_run_of_the_version_before_is_read_by_its_header_and_computed_anew(
    tmp_path: Path,
) -> None:
    now = assemble(header(), run_samples())
    before = json.loads(to_json(now))
    options = before["options"]
    options |= {"climbs": options.pop("sweeps"), "climb_seconds": options.pop("sweep_seconds")}
    before |= {"schema": EARLIER, "guards": before.pop("checks")}

    run = Run(tmp_path)
    run.append(run_samples())
    run.results_file.write_text(json.dumps(before))

    found = read_results(run)

    assert (found.options, found.verdicts) == (now.options, now.verdicts)
    assert recompute(run) == found


def test_stored_results_are_those_that_were_written_and_damage_is_named_by_its_place(
    tmp_path: Path,
) -> None:
    run, results = Run(tmp_path), assemble(header(), run_samples())
    run.results_file.write_text(to_json(results))
    assert read_results(run) == results

    plain = json.loads(to_json(results))
    plain["verdicts"][3]["ratio"] = "many"
    run.results_file.write_text(json.dumps(plain))
    with pytest.raises(ResultsUnreadable, match=r"verdicts\.3\.ratio: 'many' is no number"):
        read_results(run)


def test_of_a_run_that_was_killed_all_is_computed_from_its_samples(tmp_path: Path) -> None:
    run, samples = Run(tmp_path), run_samples()
    run.append(samples)
    run.results_file.write_text(to_json(header()))

    assert read_results(run).verdicts == assemble(header(), samples).verdicts


def test_every_block_is_listed_with_its_mean_session() -> None:
    blocks = assemble(header(), run_samples(noise=0, observations=3)).blocks

    assert [block.block for block in blocks] == list(range(6))
    assert {block.variant: block.session_mean_ms for block in blocks} == {
        "uncached": 250.0,
        "cached": 55.0,
    }
    assert {"miss": 2, "hit": 8} in [block.outcomes for block in blocks]


def test_regimes_are_judged_each_on_its_own() -> None:
    samples = [*run_samples(), *run_samples(regime="50ms-per-query", db_ms=1.0)]
    results = assemble(header(), samples)

    decided = {(verdict.regime, verdict.qualifier) for verdict in results.verdicts}
    assert ("50ms-per-query", "failed: delay") in decided
    assert not any("failed" in qualifier for regime, qualifier in decided if regime == "native")
