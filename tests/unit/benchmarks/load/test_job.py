"""A load from its options to the report, with services that are fakes and a Locust that is one."""

import os
import signal
import sys
import threading
import time
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.comparison.compare import report
from benchmarks.diff.run import diff
from benchmarks.diff.stored import CaseKey, read_run
from benchmarks.load.job import LoadTools
from benchmarks.load.options import LoadOptions
from benchmarks.load.run import load
from benchmarks.report.plots import figures
from benchmarks.runner.dependencies import Dependencies
from benchmarks.storage.usage import UsageError
from tests.unit.benchmarks.load import pretender
from tests.unit.benchmarks.load.simulated import prepared
from tests.unit.benchmarks.world import World, failed_guards, results_in

FLOOR = {"locust_ms": 0.5, "socket_ms": 0.2, "added_ms": 0.3}


@pytest.fixture(name="world")
def _world(tmp_path: Path) -> World:
    return World(folder=tmp_path)


def loaded(
    world: World,
    mode: str = "fine",
    scenario: str = "mostly-reads",
    *,
    tools: Dependencies | None = None,
    **asked: Any,
) -> tuple[int, dict[str, Any]]:
    out = world.folder / "reports"
    # As many observations as a run of the usual length has, each as short as can be.
    options = LoadOptions.asked_for(scenario, out=out, **({"seconds": 22.0} | asked))
    folder = world.folder / f"prepared-{uuid.uuid4().hex}"
    prepared(folder, mode, observations=options.observations)
    used = LoadTools(
        # Waiting for a process by asking all the time would keep it from its work.
        tools=replace(tools or world.tools(), sleep=time.sleep),
        program=(sys.executable, "-S", pretender.__file__, str(folder), mode),
        floor=lambda _url: FLOOR,
    )
    code = load(options, {}, tools=used)
    return code, results_in(out) if (out / "latest").exists() else {}


def test_a_load_ends_with_a_verdict_and_says_what_drove_it(world: World) -> None:
    code, results = loaded(world, claims=["cached/uncached p50 >= 9"])

    assert failed_guards(results) == set()
    assert code == 0
    assert {each["claim"]: each["verdict"] for each in results["verdicts"]} == {
        "L1": "not reproduced",
        "U1": "reproduced",
    }
    said = world.output.getvalue()
    assert "4 users, 1 process, 10 blocks of 0.5 s" in " ".join(said.split())
    assert "FastHttpUser adds about 0.30 ms to every request" in " ".join(said.split())
    assert world.running == 0


def test_services_have_the_same_data_and_believe_whose_request_it_is(world: World) -> None:
    loaded(world)

    uncached, cached = world.started
    assert (uncached["redis_url"], cached["redis_url"]) == (None, "redis://r:1/0")
    for started in (uncached, cached):
        assert started["env"]["TRUSTED_PROXIES"] == "127.0.0.1"
        assert "RATE_LIMIT_ENABLED" not in started["env"]
    assert world.mongo.databases.keys() == set(), "the databases are dropped at the end"


def test_a_claim_that_does_not_hold_is_the_exit_code(world: World) -> None:
    code, _ = loaded(world, fail_on=["L1"])

    assert code == 1
    assert "Does not hold: L1" in world.output.getvalue()


def test_a_refused_request_voids_the_run_and_is_named(world: World) -> None:
    code, results = loaded(world, "refused")

    assert code == 3
    assert "errors" in failed_guards(results)
    assert "1x 429 to list from" in world.output.getvalue()
    assert {each["verdict"] for each in results["verdicts"]} == {"inconclusive"}


def test_a_request_that_failed_outside_of_the_blocks_voids_the_run_too(world: World) -> None:
    code, results = loaded(world, "lost")

    assert (code, failed_guards(results)) == (3, {"errors"})
    assert "1 failed of all 9 requests cached: list" in world.output.getvalue()


def test_a_locust_that_fails_is_quoted_and_what_it_measured_is_kept(world: World) -> None:
    code, results = loaded(world, "broken")

    assert code == 4
    assert results["state"] == "broken"
    assert "locust ended by itself with exit code 2" in results["reason"]
    assert "Locust fell over" in results["reason"]
    assert results["summaries"]
    assert world.running == 0


def test_blocks_without_answers_are_no_comparison(world: World) -> None:
    code, results = loaded(world, "slow")

    assert code == 4
    assert "no round of blocks has answers of both variants" in results["reason"]
    assert sum(each["requests"] for each in results["answers"]) == 600


def test_a_locust_that_recorded_nothing_is_said(world: World) -> None:
    code, _ = loaded(world, "silent")

    assert code == 4
    assert "Nothing was measured: no round of blocks" in world.output.getvalue()


def test_workers_share_the_load_and_their_samples_become_one_run(world: World) -> None:
    code, results = loaded(world, "worker", processes=2)

    assert code == 0
    assert sum(each["requests"] for each in results["answers"]) == 800
    assert "2 processes" in world.output.getvalue()


def test_what_is_rendered_again_is_the_same_to_the_byte(world: World) -> None:
    loaded(world, tools=replace(world.tools(), draw=figures))
    folder = world.folder / "reports" / "latest"
    before = {file: file.read_bytes() for file in folder.iterdir() if file.is_file()}

    report(folder)

    assert {file: file.read_bytes() for file in folder.iterdir() if file.is_file()} == before


def test_two_loads_can_be_compared(world: World) -> None:
    loaded(world)
    first = (world.folder / "reports" / "latest").resolve()
    loaded(world)

    assert diff(first, (world.folder / "reports" / "latest").resolve()) == 0


def test_what_is_compared_of_two_loads_is_the_usual_mix_and_no_lane_twice(world: World) -> None:
    loaded(world)

    cells = read_run(world.folder / "reports" / "latest").cells

    assert {place.variant for place in cells} == {"uncached", "cached"}
    speedups = cells[CaseKey("mostly-reads", "load", "cached")].speedups
    assert speedups is not None
    # By the chance of how many writes fell into a block it would be several times as much.
    assert max(speedups) < 1.2 * min(speedups)


def test_of_a_burst_the_answers_are_shown_and_no_speedup(world: World) -> None:
    code, results = loaded(world, scenario="limit-burst")

    assert results["verdicts"] == []
    assert all(summary["ratios"] == [] for summary in results["summaries"])
    said = " ".join(world.output.getvalue().split())
    assert "Of limit-burst no speedup is claimed" in said
    assert code == 3, "the fake answers 200, which no burst does"


def test_an_interrupted_load_keeps_what_was_measured(world: World) -> None:
    def interrupt() -> None:
        folder = world.folder
        while not list(folder.glob("reports/*/logs/locust-stats.json")):
            time.sleep(0.01)
        # Ctrl-C may be ignored where tests run in the background.
        os.kill(os.getpid(), signal.SIGTERM)

    watcher = threading.Thread(target=interrupt, daemon=True)
    watcher.start()
    code, results = loaded(world, "endless")

    assert code == 4
    assert results["state"] == "interrupted"
    assert results["summaries"]
    assert world.running == 0


def test_a_named_service_that_is_gone_is_said(world: World) -> None:
    options = LoadOptions.asked_for(
        "mostly-reads",
        out=world.folder / "reports",
        cached="http://127.0.0.1:9",
        uncached="http://127.0.0.1:10",
    )
    tools = LoadTools(
        tools=world.tools(),
        program=(sys.executable, "-S", "-c", "import time; time.sleep(60)"),
        floor=lambda _url: None,
    )

    assert load(options, {}, tools=tools) == 4
    assert "the uncached service at http://127.0.0.1:10 is gone" in world.output.getvalue()


def test_wrong_options_leave_no_folder(world: World) -> None:
    with pytest.raises(UsageError):
        LoadOptions.asked_for("mostly-reads", seconds=1, out=world.folder / "reports")

    assert not (world.folder / "reports").exists()
