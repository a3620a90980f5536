import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from benchmarks.cli.rendering import render
from benchmarks.coherence.race.report import DATA, REPORT, page, publish, read
from benchmarks.storage.plain import to_json
from benchmarks.storage.usage import UsageError
from tests.unit.benchmarks.coherence.race.races import race, recording
from tests.unit.benchmarks.simulate import ENVIRONMENT

CAUGHT, OTHER = recording("naive"), recording("cashews", revision=2)


def test_a_folder_holds_the_data_the_report_and_a_figure_of_each_with_the_same_bytes_again(
    tmp_path: Path,
) -> None:
    folder = publish(tmp_path, race(CAUGHT, OTHER), datetime.now(UTC))
    written = {path.name: path.read_bytes() for path in folder.iterdir()}

    assert set(written) == {DATA, REPORT, "race-naive.svg", "race-cashews.svg"}
    assert read(folder) == race(CAUGHT, OTHER)
    report = written[REPORT].decode()
    assert "naive: 2 of 2 reads" in report
    assert "](race-naive.svg)" in report
    assert render(folder) == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == written


def test_the_page_names_the_servers() -> None:
    [how] = page(race(CAUGHT)).headline

    assert (
        f"SecantusDB 0.7 (SecantusDB) and Redis 8.2 (redis-server), {ENVIRONMENT.date_utc}" in how
    )


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        # As an earlier version wrote it.
        ({"schema": 2}, "its schema is not fivefold.race/3"),
        ({"recordings": [{"variant": "naive"}]}, "it is no race: recordings.0: it lacks"),
        (None, "not JSON"),
    ],
)
def test_a_race_of_another_version_or_shape_is_refused_in_a_sentence(
    tmp_path: Path, broken: dict[str, Any] | None, why: str
) -> None:
    text = json.dumps(json.loads(to_json(race())) | broken) if broken else "stale"
    (tmp_path / DATA).write_text(text)

    with pytest.raises(UsageError, match=f"does not hold a race of this version: {why}"):
        read(tmp_path)
