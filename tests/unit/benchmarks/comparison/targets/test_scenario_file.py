from pathlib import Path

import pytest

from benchmarks.comparison.targets.scenario_file import ConnectedSite, load_scenario
from benchmarks.measure.client import Connection
from benchmarks.scenarios import examples
from benchmarks.storage.usage import UsageError

EXAMPLES = sorted(
    path for path in Path(examples.__file__).parent.glob("*.py") if path.stem != "__init__"
)
NOBODY = ConnectedSite("nobody", "http://127.0.0.1:9", Connection("http://127.0.0.1:9"))
HEAD = "from benchmarks.scenarios.base import Ask, Scenario, Setting, repeat\n"
SCENARIO = """
SCENARIO = Scenario(
    name="x", purpose="", actions={"a": lambda member: Ask("GET", "/")},
    draw=repeat("a", times=2), requests=2%s,
)
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "scenario.py"
    path.write_text(text)
    return path


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_can_be_loaded(path: Path) -> None:
    assert load_scenario(path).scenario.actions


def test_without_members_there_is_one_who_is_nobody(tmp_path: Path) -> None:
    file = load_scenario(written(tmp_path, HEAD + SCENARIO % ""))

    [member] = file.members(NOBODY)
    assert (member.number, dict(member.headers)) == (0, {})


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "defines no SCENARIO"),
        ("SCENARIO = 1", "defines no SCENARIO"),
        ("1 / 0", "ZeroDivisionError"),
        ("this is no Python", "SyntaxError"),
        # What a spreadsheet or a page would run.
        (HEAD + (SCENARIO % "").replace('"x"', '"=1+1"'), "is no name"),
        (HEAD + (SCENARIO % "").replace('"a"', '"<b>"'), "is no name"),
        (HEAD + SCENARIO % "" + "members = 3", "members has to be a function"),
        (HEAD + SCENARIO % ", primed='session'", "for the services of this project only"),
        (
            HEAD + SCENARIO % ", setting=Setting(indexed=False)",
            "for the services of this project only",
        ),
    ],
)
def test_a_file_that_is_no_scenario_is_named_with_what_is_wrong(
    tmp_path: Path, text: str, complaint: str
) -> None:
    path = written(tmp_path, text)

    with pytest.raises(UsageError, match=complaint) as refused:
        load_scenario(path)

    assert str(path) in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such file"):
        load_scenario(tmp_path / "nothing.py")
