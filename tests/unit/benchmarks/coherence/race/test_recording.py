import json
from typing import Any

import pytest

from benchmarks.coherence.race.recording import RaceStep, RecordingUnreadable, from_json, to_json
from tests.unit.benchmarks.coherence.race.races import race, recording


def test_what_is_written_is_read_again_and_equal_races_give_equal_bytes() -> None:
    played = race(recording("naive"), recording("cached", revision=2))

    assert from_json(to_json(played)) == played
    assert to_json(race()) == to_json(race())


@pytest.mark.parametrize(
    "broken",
    [
        {"schema": 2},
        {"environment": None, "recordings": [{"variant": "naive"}]},
        {"recordings": 3},
        None,
    ],
)
def test_another_schema_or_shape_and_what_is_no_json_is_refused(
    broken: dict[str, Any] | None,
) -> None:
    text = json.dumps(json.loads(to_json(race())) | broken) if broken else "stale"

    with pytest.raises(RecordingUnreadable, match=None if broken else "no race"):
        from_json(text)


def test_a_recording_is_found_by_its_variant_and_a_snapshot_by_its_step() -> None:
    played = race(recording("naive"), recording("cached"))

    assert played.of("cached").variant == "cached"
    assert played.of("naive").look(RaceStep.WRITE).mongodb == "after"
    with pytest.raises(KeyError):
        played.of("cashews")
