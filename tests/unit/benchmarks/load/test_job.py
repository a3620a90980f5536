"""A load from its options to the report, with services that are fakes and a Locust that is one."""

import contextlib
import shutil
import sys
import time
import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.diff.changes import read_run
from benchmarks.diff.run import diff
from benchmarks.load.job import load
from benchmarks.load.options import LoadOptions
from benchmarks.report.computed import Results
from tests.unit.benchmarks.fake_dependencies import Fakes, failed_names, results_in
from tests.unit.benchmarks.load import fake_locust
from tests.unit.benchmarks.load.simulated import prepared


def loaded(
    fakes: Fakes,
    mode: str = "fine",
    scenario: str = "mostly-reads",
    **asked: Any,
) -> tuple[int, Any]:
    """Return the exit code and the results, None where nothing was measured."""
    out = fakes.folder / "reports"
    # As many observations as a run of the usual length has, each as short as can be.
    options = LoadOptions(scenario, out=out, **({"seconds": 22.0} | asked))
    folder = fakes.folder / f"prepared-{uuid.uuid4().hex}"
    prepared(folder, mode, observations=options.observations)
    # Waiting for a process by asking all the time would keep it from its work.
    used = replace(fakes.dependencies(), sleep=time.sleep)
    program = (sys.executable, "-S", fake_locust.__file__, str(folder), mode)
    code = load(options, {}, dependencies=used, program=program)
    return code, results_in(out) if (out / "latest").exists() else None


@dataclass(frozen=True)
class Fine:
    """A load in which nothing is wrong, one of whose claims does not hold."""

    fakes: Fakes
    code: int
    results: Results

    @property
    def said(self) -> str:
        return " ".join(self.fakes.output.getvalue().split())

    @property
    def folder(self) -> Path:
        return self.fakes.folder / "reports" / "latest"


@pytest.fixture(scope="module", name="fine")
def _fine(tmp_path_factory: pytest.TempPathFactory) -> Fine:
    fakes = Fakes(folder=tmp_path_factory.mktemp("fine"))
    claims = ["cached/uncached p50 >= 9"]
    return Fine(fakes, *loaded(fakes, claims=claims, fail_on=["L1"]))


def test_a_load_ends_with_verdicts_which_are_its_exit_code_and_says_what_drove_it(
    fine: Fine,
) -> None:
    assert failed_names(fine.results) == set()
    assert {each.claim: each.verdict for each in fine.results.verdicts} == {
        "L1": "not reproduced",
        "U1": "reproduced",
    }
    assert fine.code == 1
    assert "Does not hold: L1" in fine.said
    assert "4 users, 1 process, 10 blocks of 0.5 s" in fine.said
    assert fine.fakes.running == 0


def test_services_have_the_same_data_and_believe_whose_request_it_is(fine: Fine) -> None:
    uncached, cached = fine.fakes.started
    assert (uncached["redis_url"], cached["redis_url"]) == (None, "redis://r:1/0")
    for started in (uncached, cached):
        assert started["env"]["TRUSTED_PROXIES"] == "127.0.0.1"
        assert "RATE_LIMIT_ENABLED" not in started["env"]
    assert fine.fakes.mongo.databases.keys() == set(), "the databases are dropped at the end"


def test_what_is_compared_of_two_loads_is_the_usual_mix_and_no_series_twice(
    fine: Fine, tmp_path: Path
) -> None:
    found = read_run(fine.folder).speedups
    other = Path(shutil.copytree(fine.folder, tmp_path / "other"))

    assert diff(fine.folder, other) == 0
    [speedups] = found.values()
    # By the chance of how many writes fell into a block it would be several times as much.
    assert max(speedups) - min(speedups) < 0.2


@pytest.mark.parametrize(
    ("mode", "code", "requests", "words"),
    [
        # A request that failed in a block, and one outside of the blocks.
        ("refused", 3, 800, "1x 429 to list from"),
        ("lost", 3, 800, "1 failed of all 9 requests cached: list"),
        (
            "broken",
            4,
            800,
            "locust ended by itself with exit code 2; its log ends with: Locust fell",
        ),
        ("slow", 4, 600, "no round of blocks has answers of both variants"),
        ("silent", 4, 0, "no round of blocks has answers of both variants"),
    ],
)
def test_a_run_that_something_failed_in_says_why_and_keeps_what_it_measured(
    fakes: Fakes, mode: str, code: int, requests: int, words: str
) -> None:
    with contextlib.redirect_stderr(fakes.output):
        ended, results = loaded(fakes, mode)
    said = " ".join(fakes.output.getvalue().split())

    assert ended == code
    assert words in said
    blocks = results.blocks if results else ()
    assert sum(sum(each.outcomes.values()) for each in blocks) == requests
    if code == 3:
        assert failed_names(results) == {"errors"}
        assert {each.verdict for each in results.verdicts} == {"inconclusive"}
    if mode == "broken":
        assert results.state == "broken"
        assert results.summaries
    assert fakes.running == 0
