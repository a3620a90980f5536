"""What a load may be asked to do."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks.load.options import SERIES, WARM_UP_S, LoadOptions
from benchmarks.scenarios import LOADABLE
from benchmarks.storage.usage import UsageError


def asked(scenario: str = "mostly-reads", **changes: Any) -> LoadOptions:
    return LoadOptions(scenario, **changes)


@pytest.mark.parametrize(("seconds", "observations", "block_s"), [(122, 20, 1.5), (12, 5, 0.5)])
def test_observations_of_every_series_fill_the_seconds_fewer_but_none_shorter_in_a_short_run(
    seconds: float, observations: int, block_s: float
) -> None:
    options = asked(seconds=seconds)

    assert options.observations == observations
    assert options.block_seconds == pytest.approx(block_s)
    assert WARM_UP_S + SERIES * observations * block_s == seconds


def test_four_users_are_asked_for_unless_a_rate_is() -> None:
    assert (asked().users, asked().rate) == (4, None)
    assert (asked(rate=100.0).users, asked(rate=100.0).rate) == (None, 100.0)


def test_five_times_is_claimed_where_speed_is_the_point_and_a_claim_in_words_is_asked_too() -> None:
    [claim] = asked().claims
    options = asked(claims=["cached/uncached p95 >= 2"], fail_on=["L1@load"])

    named = (claim.name, claim.scenario, claim.value, claim.kind)
    assert named == ("L1", "mostly-reads", 5.0, "at_least")
    assert asked().asked == ()
    assert [claim.name for claim in options.claims] == ["L1", "U1"]
    assert options.asked == ("L1@load", "U1")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"scenario": "nobody"}, f"unknown scenario 'nobody'; choose from: {LOADABLE[0]}"),
        ({"scenario": "unindexed"}, "unknown scenario 'unindexed'"),
        ({"users": 0}, "--users is 0; it takes 1 to"),
        ({"rate": 0.5}, "--rate is 0.5; it takes 1 to"),
        ({"rate": float("nan")}, "--rate is nan"),
        ({"processes": 0}, "--processes is 0"),
        ({"users": 3, "rate": 5.0}, "--users and --rate exclude each other"),
        ({"users": 1, "processes": 2}, "would have none of the users"),
        ({"seconds": 5.0}, "--seconds is 5; it takes at least 6, for 2 blocks"),
        ({"seconds": float("nan")}, "--seconds is nan"),
        ({"seed": -1}, "--seed is -1"),
        ({"out": Path(__file__)}, "is a file"),
        ({"claims": ["naive/uncached mean >= 2"]}, "unknown variant 'naive'"),
        ({"claims": ["cached/uncached mean >= 2 in native"]}, "unknown regime 'native'"),
        ({"claims": ["cached/uncached mean >= 2 of zipf"]}, "unknown scenario 'zipf'"),
        ({"fail_on": ["C1"]}, "unknown claim 'C1'; choose from: L1"),
    ],
)
def test_what_cannot_be_done_is_said_and_leaves_no_folder(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError) as raised:
        asked(**({"out": tmp_path / "reports"} | changes))

    assert message in str(raised.value)
    assert not any(tmp_path.iterdir())
