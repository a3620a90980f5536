from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.predict.hit_ratio.question import HitRatioQuestion
from benchmarks.predict.hit_ratio.results import from_json
from benchmarks.predict.hit_ratio.run import hit_ratio
from benchmarks.runner.dependencies import Dependencies
from benchmarks.storage.usage import UsageError

QUESTION = HitRatioQuestion(users=60, rate=1.0)


def printed(question: HitRatioQuestion) -> str:
    output = StringIO()
    assert hit_ratio(question, {}, tools=Dependencies(console=Console(file=output, width=100))) == 0
    return " ".join(output.getvalue().split())


def test_a_prediction_is_printed_and_leaves_no_files() -> None:
    text = printed(replace(QUESTION, writes=0.2))

    assert "of the reads of a list hit; what binds most is" in text
    assert "The slot is the todo list of GET /todo/" in text
    assert "no TTL is long enough" in text
    assert "are in" not in text.rpartition("By share of writes")[2]


def test_a_named_folder_gets_the_curves_if_it_can_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    text = printed(replace(QUESTION, out=tmp_path / "reports"))

    (folder,) = (tmp_path / "reports").iterdir()
    assert folder.name in text.replace(" ", "")
    assert "-foreseen-" in folder.name
    assert (folder / "figures" / "curves.svg").exists()
    assert from_json((folder / "results.json").read_text())["points"] == []
    with pytest.raises(UsageError, match="cannot be written to"):
        printed(replace(QUESTION, out=tmp_path / "file" / "reports"))
