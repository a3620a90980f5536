"""The wheel, with the extra that compares services of others: all that it needs, and no more."""

import json
import re
import subprocess
import sys
import venv
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.unit.benchmarks.fake_http import handler_for, listening
from tests.unit.benchmarks.measure.wire import WireService

ROOT = Path(__file__).parents[2]
NOT_NEEDED = {"fastapi", "locust", "pymongo", "redis", "psutil", "pydantic_settings"}
LATER = {"scipy", "matplotlib", "jsonpath", "numpy", "jinja2"}
"""Packages that take long to import, and are for what follows the first request."""
# A busy machine takes its time; nothing here depends on it.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT))
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def clean(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the programs of an environment with the wheel and the packages of the extra.

    They are those that are installed here, in the versions of the lock file: no index is asked.
    """
    folder = installed(wheel, tmp_path_factory.mktemp("clean"))
    [packages] = folder.glob("lib/python3*/site-packages")
    for name in sorted(needed()):
        found = distribution(name)
        for top in {Path(file.parts[0]) for file in found.files or () if file.parts[0] != ".."}:
            if top.suffix != ".dist-info" and not (packages / top).exists():
                (packages / top).symlink_to(Path(str(found.locate_file(top))))
    return folder / "bin"


def test_without_an_extra_one_sentence_names_those_that_there_are(
    wheel: Path, tmp_path: Path
) -> None:
    command = installed(wheel, tmp_path / "bare") / "bin/fivefold"

    done = subprocess.run([command, "--help"], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (2, "")
    [said] = done.stderr.splitlines()
    assert said.startswith("fivefold needs typer, which is not installed: pip install 'fivefold[")
    assert {"compare", "bench"} == set(re.findall(r"fivefold\[(\w+)\]", said))


def test_templates_scripts_and_styles_are_in_the_wheel(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    files = {
        str(path.relative_to(ROOT))
        for room in ("service", "benchmarks")
        for path in (ROOT / room).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert {Path(name).suffix for name in files} > {".lua", ".css", ".j2"}
    assert files - names == set()


def test_two_services_are_compared_from_it(clean: Path, tmp_path: Path) -> None:
    with listening(handler_for(WireService())) as a, listening(handler_for(WireService())) as b:
        done = subprocess.run(
            [
                str(clean / "fivefold"),
                *("compare", f"a={a.url}", f"b={b.url}", "--get", "/"),
                *("--ignore", "$.id", "--seconds", "1", "--json", "--out", str(tmp_path)),
            ],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            check=False,
        )

    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["ratios"][0]["service"] == "b"
    assert (tmp_path / "latest" / "report.html").exists()
    assert list((tmp_path / "latest" / "figures").glob("*.svg"))


def test_a_command_that_needs_another_extra_names_the_package_and_the_extra(clean: Path) -> None:
    done = subprocess.run([clean / "fivefold", "up"], capture_output=True, text=True, check=False)

    assert done.returncode == 2
    [said] = done.stderr.splitlines()
    assert re.match(r"fivefold needs \w+, which is not installed: .*'fivefold\[bench\]'", said)


def test_it_starts_without_what_it_needs_later_and_has_nothing_that_it_never_needs(
    clean: Path,
) -> None:
    command = (
        "import sys; from benchmarks.cli.main import app; from benchmarks.comparison.targets "
        "import run; print(*sys.modules)"
    )
    done = subprocess.run(
        [str(clean / "python"), "-c", command], capture_output=True, text=True, check=True
    )

    assert not (NOT_NEEDED | LATER) & set(done.stdout.split())
    assert not NOT_NEEDED & needed()


def installed(wheel: Path, folder: Path) -> Path:
    """Return an environment with the wheel and nothing else."""
    venv.create(folder, with_pip=False)
    pip("--python", str(folder / "bin/python"), "install", "--no-deps", "--no-index", str(wheel))
    return folder


def needed() -> set[str]:
    """Return the packages that the extra brings, as the lock file has them."""
    asked = ("export", "--frozen", "--offline", "--no-emit-project", "--no-hashes", "--no-annotate")
    kind = ("--no-header", "--no-default-groups", "--extra", "compare")
    program = Path(sys.executable).with_name("uv")
    done = subprocess.run(
        [program, *asked, *kind], capture_output=True, text=True, cwd=ROOT, check=True
    )
    found = map(Requirement, done.stdout.splitlines())
    return {one.name for one in found if one.marker is None or one.marker.evaluate()}


def pip(*arguments: str) -> None:
    quiet = ("--quiet", "--disable-pip-version-check")
    subprocess.run([sys.executable, "-m", "pip", *arguments, *quiet], check=True)
