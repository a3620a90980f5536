from typing import Any

from benchmarks.diff.page import uncommitted, unlikenesses
from tests.unit.benchmarks import simulate


def described(**changes: Any) -> dict[str, Any]:
    """Make a header with some of its environment changed."""
    values = simulate.header()
    return values | {"environment": values["environment"] | changes}


def test_the_same_on_another_day_under_another_load_differs_in_nothing() -> None:
    a = described()
    machine = a["environment"]["machine"] | {"load_avg_1min": 1.75}

    assert unlikenesses(a, described(date_utc="2027-01-01T00:00:00Z", machine=machine)) == []


def test_other_machines_servers_versions_options_and_variants_are_named() -> None:
    a = described()
    environment = a["environment"]
    b = described(
        machine=environment["machine"] | {"cpu_model": "Other", "cpu_count": 8},
        database=environment["database"] | {"product": "MongoDB", "real_mongodb": True},
        redis=None,
        packages={"pymongo": "4.21.0"},
        python="CPython 3.12.1",
    )
    b["options"] = a["options"] | {"seed": 2, "scenarios": ["session", "hits"]}
    b["variants"] = simulate.variants("uncached", "cached", "cashews")

    found = unlikenesses(a, b)

    assert [each for each in found if not each[0].startswith("redis")] == [
        ("database product", "SecantusDB", "MongoDB"),
        ("database real mongodb", "no", "yes"),
        ("machine cpu count", "2", "8"),
        ("machine cpu model", "Some | CPU", "Other"),
        ("option scenarios", "session", "session, hits"),
        ("option seed", "1", "2"),
        ("packages pymongo", "4.20.0", "4.21.0"),
        ("python", "CPython 3.11.7", "CPython 3.12.1"),
        ("variant cashews", "-", "there"),
    ]
    assert ("redis version", "8.2", "-") in found


def test_a_regime_that_one_run_skipped_is_named() -> None:
    a, b = described(), described()
    first, *others = a["regimes"]
    b["regimes"] = [first | {"skipped": "refused"}, *others]

    assert unlikenesses(a, b) == [("regime native: skipped", "-", "refused")]


def test_entries_of_a_list_are_matched_by_what_they_are_about() -> None:
    def part(regime: str, blocks: int) -> dict[str, Any]:
        return {"scenario": "session", "regime": regime, "plan": {"blocks": blocks}}

    a, b = described(), described()
    a["options"] = a["options"] | {"parts": [part("native", 30), part("a/a", 8)]}
    b["options"] = b["options"] | {"parts": [part("a/a", 8), part("native", 80)]}

    assert unlikenesses(a, b) == [
        ("option parts session, native: plan blocks", "30", "80"),
    ]


def test_a_commit_says_what_was_measured_only_when_nothing_was_changed_since() -> None:
    clean = {"commit": "abc", "dirty": False}

    assert uncommitted(described(git=clean)) is None
    assert uncommitted(described(git=clean | {"dirty": True})) is not None
    assert uncommitted(described(git=None)) is not None
