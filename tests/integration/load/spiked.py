"""Gives the shapes of a Locust a clock of their own: 100 seconds go by with each look at it."""

from itertools import count
from types import SimpleNamespace
from typing import Any, cast

from benchmarks.load.locust.process import LocustProcess
from benchmarks.load.locust.shapes import Shape

_seconds = count(0, 100)
_begin = Shape.__init__


def _with_own_clock(shape: Shape, process: LocustProcess) -> None:
    clock = SimpleNamespace(elapsed_s=lambda: next(_seconds))
    _begin(shape, cast(LocustProcess, _Clocked(process, clock)))


class _Clocked:
    """A process but for its clock."""

    def __init__(self, process: LocustProcess, clock: Any) -> None:
        self._process = process
        self.clock = clock

    def __getattr__(self, name: str) -> Any:
        return getattr(self._process, name)


setattr(Shape, "__init__", _with_own_clock)  # noqa: B010 - mypy forbids to assign methods
