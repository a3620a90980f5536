import json

import pytest

from benchmarks.report.results import ResultsUnreadable, assemble, from_json, to_json
from tests.unit.benchmarks.simulate import header, run_samples


def test_the_results_have_the_documented_parts() -> None:
    results = assemble(header(), run_samples())

    assert set(results) >= {"schema", "environment", "options", "blocks", "guards", "verdicts"}
    assert set(results["verdicts"][0]) >= {
        "claim",
        "regime",
        "variant",
        "reference",
        "statistic",
        "ratio",
        "low",
        "high",
        "verdict",
    }
    assert results["verdicts"][0]["statistic"] == "S(5)"


def test_the_seed_s_arithmetic_is_in_every_result() -> None:
    arithmetic = assemble(header(), [])["arithmetic"]

    assert (arithmetic["uncached_ms"], arithmetic["cached_ms"]) == (250, 54)
    assert arithmetic["speedup_by_reads"] == {"1": 1.0, "5": 4.62963, "6": 5.45455, "10": 8.47458}
    assert arithmetic["reads_needed_for_5x"] == 6


def test_the_same_samples_give_the_same_bytes_and_survive_a_round_trip() -> None:
    first = to_json(assemble(header(), run_samples()))
    again = to_json(assemble(from_json(first), run_samples()))

    assert again == first


def test_keys_are_sorted_and_floats_are_short() -> None:
    text = to_json(assemble(header(), run_samples()))
    loaded = json.loads(text)

    assert json.dumps(loaded, indent=2, sort_keys=True) + "\n" == text
    assert len(str(loaded["verdicts"][0]["ratio"])) <= 7


def test_every_block_is_listed_with_its_mean_session() -> None:
    blocks = assemble(header(), run_samples(noise=0, observations=3))["blocks"]

    assert [block["block"] for block in blocks] == list(range(6))
    assert {block["variant"]: block["session_mean_ms"] for block in blocks} == {
        "uncached": 250.0,
        "cached": 55.0,
    }
    assert {"miss": 2, "hit": 8} in [block["outcomes"] for block in blocks]


def test_regimes_are_judged_each_on_its_own() -> None:
    samples = [*run_samples(), *run_samples(regime="50ms-per-query", db_ms=1.0)]
    results = assemble(header(), samples)

    decided = {(verdict["regime"], verdict["qualifier"]) for verdict in results["verdicts"]}
    assert ("50ms-per-query", "failed: delay") in decided
    assert not any("failed" in qualifier for regime, qualifier in decided if regime == "native")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("nonsense", "not JSON"),
        ("[]", "schema"),
        ('{"schema": "other/9"}', "schema"),
        ('{"schema": "fivefold.results/2"}', "schema"),
        ('{"schema": "fivefold.results/3"}', "it lacks state"),
    ],
)
def test_a_text_that_is_no_results_file_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(ResultsUnreadable, match=complaint):
        from_json(text)
