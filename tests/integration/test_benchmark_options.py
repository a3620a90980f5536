"""The options of pytest-benchmark under this project's configuration, in which warnings fail."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CONFIGURATION = Path(__file__).parents[2] / "pyproject.toml"
HOOK = "from benchmarks.micro.conftest import pytest_sessionfinish\n"


class PytestRun:
    """A pytest in a folder of its own, with one benchmark of nothing."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self._pytester = pytester
        pytester.makepyprojecttoml(CONFIGURATION.read_text(encoding="utf-8"))
        pytester.makeconftest(HOOK)
        pytester.makepyfile(test_of_nothing="def test_it(benchmark): benchmark(len, ())")

    def said(self, *options: str, code: int = 0) -> str:
        asked = ("-p", "no:schemathesis", "--benchmark-only", "--benchmark-max-time=0.01")
        done = self._pytester.runpytest_subprocess(*asked, "test_of_nothing.py", *options)
        text = done.stdout.str() + done.stderr.str()
        assert done.ret == code, text
        return text

    def save(self, change: Callable[[Any], object]) -> None:
        """Save a run, and change what it says."""
        self.said("--benchmark-autosave")
        [saved] = (self._pytester.path / ".benchmarks").rglob("*.json")
        stored = json.loads(saved.read_text(encoding="utf-8"))
        change(stored)
        saved.write_text(json.dumps(stored), encoding="utf-8")


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> PytestRun:
    # A worker of xdist tells its children that they are workers too, and what is added for this
    # suite need not exist in theirs.
    for name in [name for name in os.environ if "PYTEST" in name and "CURRENT" not in name]:
        monkeypatch.delenv(name)
    return PytestRun(pytester)


def test_comparing_with_nothing_or_with_another_machine_is_said(run: PytestRun) -> None:
    assert "Can't compare. No benchmark files in" in run.said("--benchmark-compare")

    run.save(lambda stored: stored["machine_info"]["cpu"].update(brand_raw="another one"))
    text = run.said("--benchmark-compare")

    assert "Benchmark machine_info is different." in text
    assert "(NOW)" in text


def test_a_histogram_is_drawn(run: PytestRun, pytester: pytest.Pytester) -> None:
    run.said("--benchmark-histogram=drawn")

    assert (pytester.path / "drawn.svg").stat().st_size


def test_what_became_slower_than_allowed_is_named_with_exit_code_1_and_no_traceback(
    run: PytestRun,
) -> None:
    run.save(lambda stored: stored["benchmarks"][0]["stats"].update(median=1e-12))

    text = run.said("--benchmark-compare", "--benchmark-compare-fail=median:30%", code=1)

    assert "Field 'median' has failed" in text
    assert "Traceback" not in text
