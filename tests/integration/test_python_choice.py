"""Which Python `make` takes, among fakes on a PATH that holds nothing else."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ("chmod", "ln", "make", "mkdir", "mktemp", "rm", "sed", "sh", "touch")
BARE = "import sys; sys.modules['ensurepip'] = None; exec(sys.argv[2])"


class MachineWithPythons:
    """A folder of programs, and a project whose programs are those alone."""

    def __init__(self, home: Path) -> None:
        self.programs = home / "bin"
        self.project = home / "project"
        self.scratch = home / "tmp"
        for folder in (self.programs, self.project / ".ci", self.scratch):
            folder.mkdir(parents=True)
        for tool in TOOLS:
            (self.programs / tool).symlink_to(str(shutil.which(tool)))
        for name in ("Makefile", "pyproject.toml", "uv.lock", ".ci/python"):
            shutil.copy(ROOT / name, self.project / name)

    def has(self, name: str, script: str) -> Path:
        program = self.programs / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        return program

    def has_python(self, name: str, version: str, *, pip: str = "true") -> Path:
        """Let a Python answer what it is, make environments and, by `pip`, install into them."""
        return self.has(
            name,
            f"""case "$*" in
  *ensurepip*) echo "{version} whole" ;;
  *base_prefix*) echo "/opt {version}" ;;
  "-m venv "*)
    for folder; do :; done
    rm -rf "$folder" && mkdir -p "$folder/bin"
    ln -s {self.programs / name} "$folder/bin/python"
    ln -s {self.programs / name} "$folder/bin/uv"
    echo >> {self.project}/made ;;
  "-m pip "*) {pip} ;;
  "-c import pip"*) echo runs ;;
  "python install"*) exit 1 ;;
esac""",
        )

    def has_pythons(self, pythons: Mapping[str, str]) -> None:
        """Have these, each a version or a script in its place."""
        for name, what in pythons.items():
            if what.startswith("3."):
                self.has_python(name, what)
            else:
                self.has(name, what)

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.project,
            env={"PATH": str(self.programs), "TMPDIR": str(self.scratch), **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    def chosen(self, **environment: str) -> str:
        answer = self.run(".ci/python", "uv==1.0", **environment)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout.strip()

    def refusal(self, **environment: str) -> str:
        answer = self.run("make", "lint", **environment)
        assert answer.returncode == 2
        assert not (self.project / ".venv").exists()
        sentence, end = [line for line in answer.stderr.splitlines() if ": uv fetches" not in line]
        assert end.startswith("make: ***")
        assert sentence.startswith("fivefold needs Python 3.11, 3.12 or 3.13, ")
        return sentence

    def environments_made(self) -> int:
        answer = self.run("make", ".venv/.ready")
        assert answer.returncode == 0, answer.stderr
        return len((self.project / "made").read_text().splitlines())


@pytest.fixture
def machine(tmp_path: Path) -> MachineWithPythons:
    return MachineWithPythons(tmp_path)


NOT_ONE = "echo 'pyenv: python3.13: command not found' >&2; exit 127"


@pytest.mark.parametrize(
    ("pythons", "chosen"),
    [
        ({"python3": "3.12"}, "python3"),
        ({"python3": "3.14", "python3.11": "3.11"}, "python3.11"),
        ({"python3.11": "3.11", "python3.12": "3.12", "python3": "3.11"}, "python3.12"),
        ({"python3.12": "3.12", "python3.13": "3.13"}, "python3.13"),
        # A name on the path behind which no Python runs.
        ({"python3.13": NOT_ONE, "python3": "3.11"}, "python3"),
        # One that makes environments comes before one that does not.
        ({"python3.13": "echo 3.13 bare", "python3.12": "3.12"}, "python3.12"),
    ],
)
def test_the_newest_python_that_fits_is_taken(
    machine: MachineWithPythons, pythons: Mapping[str, str], chosen: str
) -> None:
    machine.has_pythons(pythons)

    assert machine.chosen() == chosen


def test_the_python_that_is_named_wins(machine: MachineWithPythons) -> None:
    machine.has_python("python3.13", "3.13")
    mine = str(machine.has_python("mine", "3.11"))

    assert machine.chosen(PYTHON=mine) == mine
    assert machine.chosen(PYTHON=sys.executable) == sys.executable


BOTH = {"python3.13": "3.13", "python3.14": "3.14"}


@pytest.mark.parametrize(
    ("pythons", "named", "said"),
    [
        (BOTH, {"PYTHON": "python3.14"}, "PYTHON=python3.14 is 3.14"),
        (BOTH, {"PYTHON": "python3.10"}, "PYTHON=python3.10 does not run"),
        ({}, {}, "PATH has no python3.13, python3.12, python3.11 or python3: install one"),
        # One that makes no environments cannot fetch another one.
        ({"python3": "echo 3.14 bare"}, {}, "its python3 is 3.14 without python3.14-venv"),
    ],
)
def test_where_none_fits_one_sentence_says_why(
    machine: MachineWithPythons, pythons: Mapping[str, str], named: dict[str, str], said: str
) -> None:
    machine.has_pythons(pythons)

    assert said in machine.refusal(**named)


def test_a_python_that_makes_no_environments_is_refused_with_the_package_that_it_lacks(
    machine: MachineWithPythons,
) -> None:
    machine.has("python3", f'exec {sys.executable} -c "{BARE}" "$@"')
    version = "{}.{}".format(*sys.version_info)

    for refusal in (machine.refusal(), machine.refusal(PYTHON="python3")):
        assert "python3 cannot make a virtual environment" in refusal
        assert f"python{version}-venv" in refusal


FETCHES = 'case "$2" in install) true ;; find) echo /uv/python3.13 ;; esac'


def test_where_only_another_python_is_found_uv_fetches_one(machine: MachineWithPythons) -> None:
    machine.has_python("python3", "3.14")
    machine.has("uv", FETCHES)

    assert machine.chosen() == "/uv/python3.13"


def test_a_uv_that_is_not_there_is_installed_for_the_time_of_the_fetch(
    machine: MachineWithPythons,
) -> None:
    uv = f'echo \'{FETCHES}\' > "${{0%/*}}/uv" && chmod +x "${{0%/*}}/uv"'
    machine.has_python("python3", "3.14", pip=uv)

    assert machine.chosen() == "/uv/python3.13"
    assert list(machine.scratch.iterdir()) == []


@pytest.mark.parametrize("pip", ["true", "echo no index >&2; exit 1"])
def test_a_fetch_that_fails_is_one_sentence(machine: MachineWithPythons, pip: str) -> None:
    machine.has_python("python3", "3.14", pip=pip)

    refusal = machine.refusal()

    assert "its python3 is 3.14, and uv could not fetch one: install one" in refusal
    assert list(machine.scratch.iterdir()) == []


def _nothing(_: MachineWithPythons) -> None:
    """Leave everything as it is."""


def _the_lock_changes(machine: MachineWithPythons) -> None:
    os.utime(machine.project / ".venv/.ready", (0, 0))


def _an_update_is_interrupted(machine: MachineWithPythons) -> None:
    _the_lock_changes(machine)
    machine.has_python("python3.13", "3.13", pip="exit 1")
    assert machine.run("make", ".venv/.ready").returncode == 2
    machine.has_python("python3.13", "3.13")


def _its_python_goes(machine: MachineWithPythons) -> None:
    (machine.programs / "python3.13").unlink()
    machine.has_python("python3.12", "3.12")


@pytest.mark.parametrize(
    ("happens", "made"),
    [(_nothing, 1), (_the_lock_changes, 1), (_an_update_is_interrupted, 2), (_its_python_goes, 2)],
)
def test_an_environment_is_made_once_and_anew_where_it_cannot_be_right(
    machine: MachineWithPythons, happens: Callable[[MachineWithPythons], None], made: int
) -> None:
    machine.has_python("python3.13", "3.13")
    assert machine.environments_made() == 1
    happens(machine)

    assert machine.environments_made() == made


def test_an_environment_of_another_python_than_the_one_named_is_made_anew(
    machine: MachineWithPythons,
) -> None:
    machine.has_python("python3.13", "3.13")
    machine.has_python("python3.12", "3.12")
    assert machine.environments_made() == 1

    machine.run("make", "PYTHON=python3.13", ".venv/.ready")
    assert machine.environments_made() == 1
    machine.run("make", "PYTHON=python3.12", ".venv/.ready")
    assert machine.environments_made() == 2
