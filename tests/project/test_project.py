"""What the project says about itself is true."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from benchmarks.cli.main import COMMANDS, REMOVED, app, main
from service import VERSION
from service.config import Settings
from tests import needs
from tests.rest import REST

ROOT = Path(__file__).parents[2]


def example_settings() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_the_service_the_package_the_lock_and_the_changes_name_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    locked = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    headings = re.findall(r"^## (\d\S*)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)

    assert project["version"] == VERSION
    assert [each["version"] for each in locked if each["name"] == "fivefold"] == [VERSION]
    assert headings[0] == VERSION


def test_the_example_environment_names_every_setting() -> None:
    assert set(example_settings()) == {name.upper() for name in Settings.model_fields}


def test_the_example_environment_holds_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    defaults = Settings(jwt_secret=SecretStr("q8Zr2vLk5tYw9xBn3mHc7dJf1gSp4aUe"))
    for name, value in example_settings().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("JWT_SECRET", "q8Zr2vLk5tYw9xBn3mHc7dJf1gSp4aUe")

    assert Settings() == defaults


def test_no_two_classes_have_the_same_name() -> None:
    names = Counter(
        node.name
        for folder in ("service", "benchmarks", "notebooks/lib")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
    )

    assert [name for name, times in names.items() if times > 1] == []


def test_the_reference_names_every_command() -> None:
    reference = (ROOT / "docs" / "reference.md").read_text()

    assert [name for name in COMMANDS if f"`fivefold {name}" not in reference] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does(name: str) -> None:
    result = CliRunner().invoke(app, [name, "--help"])

    assert result.exit_code == 0
    assert "Usage" in result.output


@pytest.mark.parametrize("name", REMOVED)
def test_what_was_removed_is_answered_with_what_takes_its_place(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["fivefold", name, "64"])
    # A narrow terminal would break words.
    monkeypatch.setenv("COLUMNS", "200")

    with pytest.raises(SystemExit) as exited:
        main()

    assert exited.value.code == 2
    assert " ".join(capsys.readouterr().err.split()) == REMOVED[name]
    assert name not in COMMANDS


def test_what_is_left_to_the_rest_is_there() -> None:
    assert [name for name in REST if not (ROOT / "tests" / name).exists()] == []


def test_a_service_starts_without_what_draws_figures() -> None:
    code = "import sys, benchmarks.stack.run; print([*sys.modules])"

    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout

    assert "'benchmarks.stack.run'" in loaded
    assert not {"'matplotlib'", "'scipy'", "'numpy'"} & set(re.findall(r"'[^']*'", loaded))


def test_the_lock_file_names_no_index() -> None:
    lock = (ROOT / "uv.lock").read_text()

    assert "wheelhouse" in lock
    assert "://" not in lock


def test_a_checkout_on_windows_has_the_line_ends_that_images_need(tmp_path: Path) -> None:
    git = needs.program("git")
    for folder in (".ci", "deploy", "service"):
        shutil.copytree(
            ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / ".gitattributes", tmp_path)
    for command in ("init", "add --all", "checkout-index --all --prefix=windows/"):
        words = [git, "-c", "core.autocrlf=true", *command.split()]
        subprocess.run(words, cwd=tmp_path, check=True, capture_output=True)

    files = [path for path in (tmp_path / "windows").rglob("*") if path.is_file()]

    assert tmp_path / "windows/deploy/entrypoint" in files
    assert [path for path in files if b"\r" in path.read_bytes()] == []


def test_github_understands_the_workflows() -> None:
    check = [str(Path(sys.executable).with_name("check-jsonschema")), "--builtin-schema"]
    workflows = sorted((ROOT / ".github" / "workflows").iterdir())

    done = subprocess.run(
        [*check, "vendor.github-workflows", *workflows], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_workflows_use_actions_of_one_commit_and_may_only_read() -> None:
    texts = [file.read_text() for file in (ROOT / ".github" / "workflows").iterdir()]
    used = [found for text in texts for found in re.findall(r"uses: (.*)", text)]

    assert used
    assert [each for each in used if not re.fullmatch(r"\S+@[0-9a-f]{40} # v[\d.]+", each)] == []
    assert all("\npermissions:\n  contents: read\n" in text for text in texts)
