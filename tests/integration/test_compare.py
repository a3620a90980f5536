"""The whole comparison on real servers, as small as it can be."""

import json
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.compare import compare
from benchmarks.options import CompareOptions, UsageError
from benchmarks.tools import Tools


def options(folder: Path) -> CompareOptions:
    return CompareOptions.from_profile(users=2, blocks=2, sessions=1, out=folder / "reports")


@pytest.mark.servers
def test_cached_and_uncached_are_compared_in_three_regimes(tmp_path: Path) -> None:
    with (tmp_path / "output").open("w") as output:
        compare(options(tmp_path), {}, tools=Tools(console=Console(file=output)))

    results = json.loads((tmp_path / "reports" / "latest" / "results.json").read_text())
    # The claim itself is not asserted: two observations on a busy machine decide nothing.
    failed = [guard for guard in results["guards"] if not guard["passed"]]
    assert [guard for guard in failed if guard["name"] != "redis"] == []
    assert results["state"] == "complete"
    for summary in results["summaries"]:
        assert [variant["hit_ratio"] for variant in summary["variants"]] == [0.0, 0.8]
    if all(regime["skipped"] is None for regime in results["regimes"]):
        native, _, slow = (summary["database_ms"] for summary in results["summaries"])
        assert slow > native + 90


def test_a_database_that_does_not_answer_is_named(tmp_path: Path) -> None:
    environ = {"MONGODB_URL": "mongodb://127.0.0.1:9/"}

    with pytest.raises(UsageError, match=r"127\.0\.0\.1:9"):
        compare(options(tmp_path), environ, tools=Tools(console=Console(quiet=True)))

    assert not (tmp_path / "reports").exists()
