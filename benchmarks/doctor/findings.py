"""What was looked at, and how it was found."""

import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmarks.job import sentence
from benchmarks.stack.errors import StackError

Status = Literal["ok", "warn", "FAIL"]
_LEAST_HOST_NAME = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line: what was looked at, what was seen and, where it is not ok, what to do."""

    name: str
    status: Status
    seen: str
    advice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Lines that belong together; ``code`` is the exit code when one of them is a FAIL."""

    heading: str
    findings: Sequence[Finding]
    code: int

    @property
    def failed(self) -> bool:
        """Tell whether a line is a FAIL."""
        return any(finding.status == "FAIL" for finding in self.findings)


def ok(name: str, seen: str) -> Finding:
    """Make a line about which there is nothing to do."""
    return Finding(name=name, status="ok", seen=seen)


def graded(
    name: str, value: float, seen: str, *, warn: float, fail: float | None, advice: str
) -> Finding:
    """Judge a value of which less is better: a warning above ``warn``, a FAIL above ``fail``."""
    if fail is not None and value > fail:
        return Finding(name=name, status="FAIL", seen=seen, advice=advice)
    if value > warn:
        return Finding(name=name, status="warn", seen=seen, advice=advice)
    return ok(name, seen)


def refused(name: str, error: StackError) -> Finding:
    """Make a FAIL of an error that says itself what to do; it may quote a log."""
    return Finding(name=name, status="FAIL", seen=anonymous(sentence(error)))


def anonymous(text: str) -> str:
    """Take the names of this machine and of its user's home out of a text: it gets published."""
    host = socket.gethostname()
    if len(host) >= _LEAST_HOST_NAME and host != "localhost":
        text = re.sub(rf"\b{re.escape(host)}\b", "(this machine)", text)
    home = str(Path.home())
    return text if home == "/" else re.sub(rf"{re.escape(home)}(?=/|\b)", "~", text)
