from dataclasses import replace
from typing import Any

from benchmarks.analysis.header import GitState, Header
from benchmarks.diff.page import uncommitted, unlikenesses
from tests.unit.benchmarks import simulate


def described(**changes: Any) -> Header:
    """Make a header with some of its environment changed."""
    return simulate.header(environment=replace(simulate.ENVIRONMENT, **changes))


def test_the_same_on_another_day_under_another_load_differs_in_nothing() -> None:
    machine = replace(simulate.MACHINE, load_avg_1min=1.75)

    assert (
        unlikenesses(described(), described(date_utc="2027-01-01T00:00:00Z", machine=machine)) == []
    )


def test_other_machines_servers_versions_options_and_variants_are_named() -> None:
    b = described(
        machine=replace(simulate.MACHINE, cpu_model="Other", cpu_count=8),
        database=replace(simulate.DATABASE, product="MongoDB", real_mongodb=True),
        redis=None,
        packages={"pymongo": "4.21.0"},
        python="CPython 3.12.1",
    )
    [rival] = simulate.variants("cashews")
    b = replace(
        b,
        options=replace(simulate.OPTIONS, seed=2, scenarios=("session", "hits")),
        variants=(*b.variants, replace(rival, packages={"cashews": "7.4"})),
    )

    found = unlikenesses(described(), b)

    assert [each for each in found if not each[0].startswith("redis")] == [
        ("database product", "SecantusDB", "MongoDB"),
        ("database real mongodb", "no", "yes"),
        ("machine cpu count", "2", "8"),
        ("machine cpu model", "Some | CPU", "Other"),
        ("option scenarios", "session", "session, hits"),
        ("option seed", "1", "2"),
        ("packages of cashews cashews", "-", "7.4"),
        ("packages pymongo", "4.20.0", "4.21.0"),
        ("python", "CPython 3.11.7", "CPython 3.12.1"),
    ]
    assert ("redis version", "8.2", "-") in found


def test_a_commit_says_what_was_measured_only_when_nothing_was_changed_since() -> None:
    clean = GitState(commit="abc", dirty=False)

    assert uncommitted(described(git=clean)) is None
    assert uncommitted(described(git=replace(clean, dirty=True))) is not None
    assert uncommitted(described(git=None)) is not None
