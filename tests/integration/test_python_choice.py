"""Which Python `make` takes, among fakes on a PATH that holds nothing else."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ("chmod", "ln", "make", "mkdir", "mktemp", "rm", "sed", "sh", "touch")


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
        assert list(self.scratch.iterdir()) == []
        return answer.stdout.strip()

    def refusal(self, **environment: str) -> str:
        answer = self.run("make", "lint", **environment)
        assert answer.returncode == 2
        assert not (self.project / ".venv").exists()
        assert list(self.scratch.iterdir()) == []
        sentence, end = [line for line in answer.stderr.splitlines() if ": uv fetches" not in line]
        assert end.startswith("make: ***")
        assert sentence.startswith("fivefold needs Python 3.11, 3.12 or 3.13, ")
        return sentence

    def environments_made(self, *named: str, code: int = 0) -> int:
        answer = self.run("make", *named, ".venv/.ready")
        assert answer.returncode == code, answer.stderr
        return len((self.project / "made").read_text().splitlines())


@pytest.fixture
def machine(tmp_path: Path) -> MachineWithPythons:
    return MachineWithPythons(tmp_path)


NOT_ONE = "echo 'pyenv: python3.13: command not found' >&2; exit 127"
FETCHES = 'case "$2" in install) true ;; find) echo /uv/python3.13 ;; esac'
BOTH = {"python3.13": "3.13", "python3.14": "3.14"}
BARE = f"""exec {sys.executable} -c "import sys
sys.modules['ensurepip'] = None
exec(sys.argv[2])" "$@\""""


@pytest.mark.parametrize(
    ("pythons", "named", "chosen"),
    [
        ({"python3": "3.12"}, {}, "python3"),
        ({"python3": "3.14", "python3.11": "3.11"}, {}, "python3.11"),
        ({"python3.11": "3.11", "python3.12": "3.12", "python3": "3.11"}, {}, "python3.12"),
        ({"python3.12": "3.12", "python3.13": "3.13"}, {}, "python3.13"),
        # A name on the path behind which no Python runs.
        ({"python3.13": NOT_ONE, "python3": "3.11"}, {}, "python3"),
        # One that makes environments comes before one that does not.
        ({"python3.13": "echo 3.13 bare", "python3.12": "3.12"}, {}, "python3.12"),
        ({"python3.13": "3.13", "mine": "3.11"}, {"PYTHON": "mine"}, "mine"),
        (BOTH, {"PYTHON": sys.executable}, sys.executable),
        ({"python3": "3.14", "uv": FETCHES}, {}, "/uv/python3.13"),
    ],
)
def test_the_newest_python_that_fits_is_taken_or_the_one_named_or_one_that_uv_fetches(
    machine: MachineWithPythons, pythons: Mapping[str, str], named: dict[str, str], chosen: str
) -> None:
    machine.has_pythons(pythons)

    assert machine.chosen(**named) == chosen


def test_a_uv_that_is_not_there_is_installed_for_the_time_of_the_fetch(
    machine: MachineWithPythons,
) -> None:
    uv = f'echo \'{FETCHES}\' > "${{0%/*}}/uv" && chmod +x "${{0%/*}}/uv"'
    machine.has_python("python3", "3.14", pip=uv)

    assert machine.chosen() == "/uv/python3.13"


@pytest.mark.parametrize(
    ("pythons", "named", "said"),
    [
        (BOTH, {"PYTHON": "python3.14"}, "PYTHON=python3.14 is 3.14"),
        (BOTH, {"PYTHON": "python3.10"}, "PYTHON=python3.10 does not run"),
        ({}, {}, "PATH has no python3.13, python3.12, python3.11 or python3: install one"),
        ({"python3": "3.14"}, {}, "its python3 is 3.14, and uv could not fetch one: install one"),
        # One that makes no environments cannot fetch another one.
        ({"python3": "echo 3.14 bare"}, {}, "its python3 is 3.14 without python3.14-venv"),
        ({"python3": BARE}, {}, "python3 cannot make a virtual environment: install its package"),
        ({"python3": "echo 3.12 bare"}, {"PYTHON": "python3"}, "for that, python3.12-venv on"),
    ],
)
def test_where_none_fits_one_sentence_says_why(
    machine: MachineWithPythons, pythons: Mapping[str, str], named: dict[str, str], said: str
) -> None:
    machine.has_pythons(pythons)

    assert said in machine.refusal(**named)


def test_an_environment_is_made_once_and_anew_where_it_cannot_be_right(
    machine: MachineWithPythons,
) -> None:
    ready = machine.project / ".venv/.ready"
    machine.has_pythons({"python3.13": "3.13", "python3.12": "3.12"})
    assert machine.environments_made() == 1
    assert machine.environments_made("PYTHON=python3.13") == 1
    # The lock file changes: what is there is updated.
    os.utime(ready, (0, 0))
    assert machine.environments_made() == 1
    # An update is interrupted.
    os.utime(ready, (0, 0))
    machine.has_python("python3.13", "3.13", pip="exit 1")
    machine.environments_made(code=2)
    machine.has_python("python3.13", "3.13")
    assert machine.environments_made() == 2
    # Another Python is named; then the one that it was made from goes.
    assert machine.environments_made("PYTHON=python3.12") == 3
    (machine.programs / "python3.12").unlink()
    assert machine.environments_made() == 4
