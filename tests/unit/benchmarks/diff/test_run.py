"""Two stored runs compared as the command does it."""

from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from benchmarks.diff.run import diff
from benchmarks.storage.plain import to_json
from benchmarks.storage.usage import UsageError
from tests.unit.benchmarks import simulate
from tests.unit.benchmarks.diff.runs import failing, samples, write_run


def said(a: Path, b: Path, **asked: Any) -> tuple[int, str]:
    """Return the exit code and what was printed."""
    output = StringIO()
    code = diff(a, b, console=Console(file=output, width=400), **asked)
    return code, output.getvalue()


@pytest.fixture(name="before")
def _before(tmp_path: Path) -> Path:
    return write_run(tmp_path / "before", samples(seed=1))


def test_the_same_service_on_a_slower_day_is_unchanged(tmp_path: Path, before: Path) -> None:
    options = replace(simulate.OPTIONS, profile="full", restarts=3)
    measured = samples(seed=2, day=1.6, restarts=3)
    after = write_run(tmp_path / "after", measured, options=options)

    code, text = said(before, after)

    assert code == 0
    assert "Of 1 speedups 0 changed by more than 10% (0 worse, 0 better), 1 did not" in text
    assert "The services of A were started once" in text
    assert "A and B differ in profile, restarts: each may be the reason of a change" in text
    assert "commit 0123456789ab with uncommitted changes" in text
    assert sorted(path.name for path in before.iterdir()) == ["results.json", "samples.csv.gz"]


def test_a_service_that_lost_a_quarter_fails_where_that_was_asked(
    tmp_path: Path,
) -> None:
    before = write_run(tmp_path / "before", samples(noise=0.001))
    after = write_run(tmp_path / "after", samples(noise=0.001, speedups={"cached": 3.0}, seed=2))

    asked, text = said(before, after, fail_on_change=True)
    unasked, _ = said(before, after)
    other_way, _ = said(after, before, fail_on_change=True)

    assert (asked, unasked, other_way) == (1, 0, 0)
    assert "changed (worse)" in text
    for figure in ("4.00x", "3.00x", "0.75 [0.75, 0.75]"):
        assert figure in text


@pytest.mark.parametrize(
    ("how", "expected", "words"),
    [
        (
            {"checks": [failing("noise")]},
            3,
            ("FAILED noise (session, native): what noise saw", "undecided (noise failed in B)"),
        ),
        (
            {"state": "interrupted", "reason": "it was stopped"},
            3,
            ("interrupted: it was stopped.", "undecided (B is interrupted)"),
        ),
        ({"state": "running", "reason": "it was ended"}, 3, ("is running: it was ended.",)),
        ({"checks": [failing(result="noisy")]}, 1, ("changed (worse)",)),
    ],
    ids=["a check failed", "interrupted", "killed", "only noise"],
)
def test_a_failed_check_or_a_run_that_did_not_end_makes_it_inconclusive_and_noise_does_not(
    tmp_path: Path, before: Path, how: dict[str, Any], expected: int, words: tuple[str, ...]
) -> None:
    after = write_run(tmp_path / "after", samples(speedups={"cached": 2.0}), **how)
    if how.get("state") == "running":
        # What is computed at the end is not there.
        (after / "results.json").write_text(to_json(simulate.header(**how)))

    code, text = said(before, after, fail_on_change=True)

    assert code == expected
    assert all(each in text for each in words)


def test_services_of_somebody_else_have_no_known_database(tmp_path: Path) -> None:
    about = replace(simulate.ENVIRONMENT, database=None, redis=None)
    runs = [
        write_run(tmp_path / name, samples(seed=seed), environment=about)
        for seed, name in enumerate("ab")
    ]

    code, text = said(*runs)

    assert code == 0
    assert "A: a, 2026-11-22T23:59:59Z, commit" in text


def test_the_same_run_twice_is_refused(before: Path) -> None:
    link = before.with_name("latest-too")
    link.symlink_to(before, target_is_directory=True)

    with pytest.raises(UsageError, match="the same run"):
        said(before, link)
