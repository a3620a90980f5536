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


@pytest.mark.parametrize(
    ("pythons", "chosen"),
    [
        ({"python3": "3.12"}, "python3"),
        ({"python3": "3.14", "python3.11": "3.11"}, "python3.11"),
        ({"python3.11": "3.11", "python3.12": "3.12", "python3": "3.11"}, "python3.12"),
        ({"python3.12": "3.12", "python3.13": "3.13"}, "python3.13"),
    ],
)
def test_the_newest_python_that_fits_is_taken(
    machine: MachineWithPythons, pythons: Mapping[str, str], chosen: str
) -> None:
    for name, version in pythons.items():
        machine.has_python(name, version)

    assert machine.chosen() == chosen


def test_a_name_on_the_path_behind_which_no_python_runs_is_passed_over(
    machine: MachineWithPythons,
) -> None:
    machine.has("python3.13", "echo 'pyenv: python3.13: command not found' >&2; exit 127")
    machine.has_python("python3", "3.11")

    assert machine.chosen() == "python3"


def test_the_python_that_is_named_wins(machine: MachineWithPythons) -> None:
    machine.has_python("python3.13", "3.13")
    mine = str(machine.has_python("mine", "3.11"))

    assert machine.chosen(PYTHON=mine) == mine
    assert machine.chosen(PYTHON=sys.executable) == sys.executable


def test_a_named_python_that_does_not_fit_is_refused(machine: MachineWithPythons) -> None:
    machine.has_python("python3.13", "3.13")
    machine.has_python("python3.14", "3.14")

    assert "PYTHON=python3.14 is 3.14" in machine.refusal(PYTHON="python3.14")
    assert "PYTHON=python3.10 does not run" in machine.refusal(PYTHON="python3.10")


def test_a_python_that_makes_no_environments_is_refused_with_the_package_that_it_lacks(
    machine: MachineWithPythons,
) -> None:
    machine.has("python3", f'exec {sys.executable} -c "{BARE}" "$@"')
    version = "{}.{}".format(*sys.version_info)

    for refusal in (machine.refusal(), machine.refusal(PYTHON="python3")):
        assert "python3 cannot make a virtual environment" in refusal
        assert f"python{version}-venv" in refusal


def test_a_python_that_makes_environments_comes_before_one_that_does_not(
    machine: MachineWithPythons,
) -> None:
    machine.has("python3.13", "echo 3.13 bare")
    machine.has_python("python3.12", "3.12")

    assert machine.chosen() == "python3.12"


def test_where_no_python_is_found_the_refusal_says_which_were_looked_for(
    machine: MachineWithPythons,
) -> None:
    refusal = machine.refusal()

    assert "PATH has no python3.13, python3.12, python3.11 or python3: install one" in refusal


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


def test_another_python_that_makes_no_environments_cannot_fetch_one(
    machine: MachineWithPythons,
) -> None:
    machine.has("python3", "echo 3.14 bare")

    assert "its python3 is 3.14 without python3.14-venv" in machine.refusal()


def test_an_installation_that_was_interrupted_is_made_anew(machine: MachineWithPythons) -> None:
    machine.has_python("python3.13", "3.13", pip="exit 1")
    assert machine.run("make", ".venv/.ready").returncode == 2
    machine.has_python("python3.13", "3.13")

    assert machine.environments_made() == 2


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
