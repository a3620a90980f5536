"""What was found, for people and for programs."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from benchmarks.doctor.findings import Finding, Group
from benchmarks.doctor.watch import Watched
from benchmarks.export.page import Page, Section, Table
from benchmarks.export.results import rounded

SCHEMA = "fivefold.doctor/1"


def doctor_page(groups: Sequence[Group]) -> Page:
    """Return the page; its conclusion is a line of its own behind it."""
    return Page("fivefold doctor", [], [_section(group) for group in groups])


def doctor_json(
    groups: Sequence[Group], *, watched: Watched | None, conclusion: str, code: int
) -> str:
    """Return everything as JSON: findings, noise figure, conclusion, exit code."""
    found: dict[str, Any] = {
        "schema": SCHEMA,
        "exit_code": code,
        "conclusion": conclusion,
        "findings": [
            {"group": group.heading} | asdict(finding)
            for group in groups
            for finding in group.findings
        ],
        "idle": None if watched is None else asdict(watched.idle),
        "noise": None if watched is None else asdict(watched.noise),
    }
    return json.dumps(rounded(found), indent=2, sort_keys=True, allow_nan=False)


def _section(group: Group) -> Section:
    rows = [[finding.name, finding.status, _text(finding)] for finding in group.findings]
    return Section(group.heading, table=Table(("", "", "seen, and what to do"), rows))


def _text(finding: Finding) -> str:
    return f"{finding.seen}. -> {finding.advice}" if finding.advice else finding.seen
