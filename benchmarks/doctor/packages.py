"""Which Python and which packages are there, and what does not work without the others."""

import platform
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, metadata

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from benchmarks.doctor.findings import Finding, Status, ok
from benchmarks.variants import VARIANTS, installed_version

PROJECT = "fivefold"
_SERVICE = "service"
_EXTRAS: Mapping[str, tuple[Status, str]] = {
    _SERVICE: ("FAIL", "the service and every command"),
    "bench": ("FAIL", "compare, capacity, report and every other command"),
    "embedded": ("warn", "servers of our own where no URL is set and none is on PATH"),
    "rivals": ("warn", "their variants"),
    "notebooks": ("ok", "the notebooks"),
    "dev": ("ok", "make test and make lint"),
}
"""How bad it is when one of the extra's packages lacks, and what needs it."""

_ONLY: Mapping[str, str] = {
    "jinja2": "report.html",
    "locust": "fivefold load and the Locust page of fivefold up",
    "matplotlib": "the figures of reports",
    "pytest-benchmark": "pytest --benchmark-only",
}
"""Packages of which less than their whole extra depends."""


def look_at_python(running: str | None = None, *, wanted: str | None = None) -> Finding:
    """Judge the version of Python by what the project says that it needs."""
    running = running or platform.python_version()
    wanted = wanted or ",".join(_declared("Requires-Python"))
    seen = f"{platform.python_implementation()} {running}"
    if running not in SpecifierSet(wanted):
        return Finding(
            name="Python", status="FAIL", seen=seen, advice=f"use Python {wanted} instead"
        )
    return ok("Python", seen)


def look_at_packages(
    requirements: Iterable[str] | None = None,
    *,
    version_of: Callable[[str], str | None] = installed_version,
) -> list[Finding]:
    """Judge every extra by the versions of its packages; nothing is imported.

    ``requirements`` are as in a distribution's metadata; without any they are this project's.
    """
    declared = _declared("Requires-Dist") if requirements is None else list(requirements)
    if not declared:
        advice = "run make demo, or pip install -e '.[bench,embedded,rivals]' in the project"
        return [
            Finding(
                name=PROJECT, status="FAIL", seen="is not installed as a package", advice=advice
            )
        ]
    by_extra: dict[str, list[Requirement]] = defaultdict(list)
    for requirement in map(Requirement, declared):
        for extra in _extras_of(requirement):
            by_extra[extra].append(requirement)
    return [_extra(extra, by_extra[extra], version_of) for extra in _EXTRAS if by_extra[extra]]


def _extras_of(requirement: Requirement) -> list[str]:
    """Return which extras ask for it here: a marker may leave a Python or a system out."""
    marker = requirement.marker
    if marker is None or marker.evaluate({"extra": ""}):
        return [_SERVICE]
    return [extra for extra in _EXTRAS if marker.evaluate({"extra": extra})]


def _extra(
    extra: str, requirements: Sequence[Requirement], version_of: Callable[[str], str | None]
) -> Finding:
    found = {requirement: version_of(requirement.name) for requirement in requirements}
    there = [f"{each.name} {version}" for each, version in found.items() if version]
    lacking = {
        each.name: _lack(each, version)
        for each, version in found.items()
        if version is None or not each.specifier.contains(version, prereleases=True)
    }
    name = extra if extra == _SERVICE else f"extra {extra}"
    if not lacking:
        return ok(name, ", ".join(there))
    usual, _ = _EXTRAS[extra]
    narrow = all(package in _ONLY for package in lacking)
    needs = "; ".join(dict.fromkeys(_needs(extra, package) for package in lacking))
    install = PROJECT if extra == _SERVICE else f"{PROJECT}[{extra}]"
    return Finding(
        name=name,
        status="warn" if usual == "FAIL" and narrow else usual,
        seen=f"lacks {', '.join(lacking.values())}, without which there is not: {needs}",
        advice="" if usual == "ok" else f"pip install '{install}'",
    )


def _lack(requirement: Requirement, version: str | None) -> str:
    if version is None:
        return requirement.name
    return f"{requirement.name}{requirement.specifier} (there is {version})"


def _needs(extra: str, package: str) -> str:
    variants = [name for name, variant in VARIANTS.items() if package in variant.packages]
    if variants:
        return ", ".join(f"compare --variant {name}" for name in variants)
    return _ONLY.get(package, _EXTRAS[extra][1])


def _declared(field: str) -> list[str]:
    try:
        return metadata(PROJECT).get_all(field) or []
    except PackageNotFoundError:
        return []
