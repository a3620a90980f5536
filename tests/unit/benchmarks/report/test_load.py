"""The report of a load: what drove it, and the times of each variant."""

from dataclasses import replace
from typing import Any

from benchmarks.report.computed import Results
from benchmarks.report.results import assemble
from benchmarks.report.view import page
from tests.unit.benchmarks.load.simulated import load_header, load_samples


def results(scenario: str = "mostly-reads", *, rate: float | None = None, **load: Any) -> Results:
    header = load_header(scenario, rate=rate, **load)
    return assemble(header, [replace(each, scenario=scenario) for each in load_samples()])


def section(made: Results, heading: str) -> Any:
    [found] = [each for each in page(made).sections if each.heading == heading]
    return found


def test_it_says_what_drove_the_load() -> None:
    users, rate = (
        " ".join(section(results(rate=rate), "Under load").sentences) for rate in (None, 120.0)
    )

    assert "4 users, 2 processes, 20 blocks of 1.1 s for each variant" in users
    assert ", 120 per second, 2 processes" in rate


def test_each_variant_has_its_requests_and_outcomes() -> None:
    made = results()
    uncached, cached = section(made, "Under load").table.rows

    assert [*uncached[:3], uncached[4]] == ["uncached", "200", "0.00", "reference"]
    assert (cached[0], cached[2]) == ("cached", "1.00")
    assert cached[4].startswith("4.")
    assert [row[:2] for row in section(made, "One request").table.rows] == [
        ["uncached", "bypass"],
        ["uncached", "write"],
        ["cached", "hit"],
        ["cached", "write"],
    ]


def test_a_load_that_claims_no_speedup_shows_none() -> None:
    made = results()
    [summary] = made.summaries
    rows = section(replace(made, summaries=(replace(summary, ratios=()),)), "Under load").table.rows

    assert [row[4] for row in rows] == ["reference", "-"]


def test_what_could_not_be_read_is_kept_in_mind() -> None:
    damage = "Nothing of samples-1.csv.gz can be read"

    assert f"{damage}." in section(results(damage=(damage,)), "What to keep in mind").sentences


def test_a_load_is_not_judged_by_the_claims_of_the_tutorial() -> None:
    assert {verdict.claim for verdict in results("session").verdicts} <= {"L1"}


def test_a_load_has_an_answer_like_any_comparison() -> None:
    assert page(results()).lead.startswith('Redis (cached) made "mostly-reads" (')
