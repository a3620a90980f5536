"""The requests of each user at each target, in their order.

Every way to say it, options or a file, comes down to steps, and steps to a scenario with the
requests of each target. A path may differ between users and targets; the steps themselves may not.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from benchmarks.measure.client import SAFE_METHODS
from benchmarks.scenarios.base import Ask, Draw, Operation, Scenario, Site
from benchmarks.storage.usage import UsageError

_NAME = re.compile(r"[A-Za-z0-9][\w. /-]{0,63}")
_SENSITIVE = "auth|cookie|token|secret|key|session|passw|signature|csrf|xsrf"
SECRET_NAME = re.compile(f"(?i){_SENSITIVE}")
"""Is found in the name of a header or a parameter whose value may be secret."""
_SECRET_VALUE = re.compile(rf"(?i)\b([\w-]*(?:{_SENSITIVE})[\w-]*=)[^&]*")
_LONGEST_NAME, _MOST_NAMED = 80, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Ask):
    """One request of one user.

    With a ``weight`` above 0 steps are drawn at random in proportion to it, in place of being
    taken in order. Before the request the user thinks for a time drawn from ``wait_s``, least and
    most. Without a ``name`` it is called by its method and path.
    """

    name: str = ""
    weight: float = 0.0
    wait_s: tuple[float, float] = (0.0, 0.0)

    @property
    def kind(self) -> tuple[str, str, float, tuple[float, float]]:
        """Return what has to be the same for every user at every target."""
        return self.method, self.name, self.weight, self.wait_s


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetWork:
    """A scenario, and what its users ask for at each target, by action."""

    scenario: Scenario
    asks: Sequence[Mapping[str, Sequence[Ask]]]


@dataclass(frozen=True, slots=True)
class WorkSource:
    """A source of requests to the targets: the command line or a file.

    ``work`` signs the users in at every target and returns what they do. It raises ``UsageError``
    for what cannot be asked, and ``ClientError`` for a target that gives no answer meanwhile.
    """

    name: str
    work: Callable[[Sequence[Site]], TargetWork]


def work_of(name: str, drawn: Sequence[Sequence[Sequence[Step]]], *, where: str) -> TargetWork:
    """Make the steps of each user at each target a scenario; raises ``UsageError``."""
    first = drawn[0][0]
    if not first:
        raise UsageError(f"{where}: there is no request")
    for users in drawn:
        for steps in users:
            if [step.kind for step in steps] != [step.kind for step in first]:
                raise UsageError(
                    f"{where}: every user at every target has to do the same requests, in number, "
                    "method, name, weight and wait; only paths, headers and bodies may differ"
                )
    weighed = [step.weight > 0 for step in first]
    if any(weighed) and not all(weighed):
        raise UsageError(f"{where}: give every request a weight above 0, or none")
    names = _names(drawn, where)
    asks = [
        {name: [steps[place] for steps in users] for place, name in enumerate(names)}
        for users in drawn
    ]
    scenario = Scenario(
        name=name,
        purpose=_purpose(list(dict.fromkeys(names))),
        actions={},
        draw=_Mixed(names, first) if any(weighed) else _InOrder(names, first),
        kind="mix" if any(weighed) else "session",
        requests=0 if any(weighed) else len(names),
        changes=frozenset(
            name for name, step in zip(names, first, strict=True) if step.method not in SAFE_METHODS
        ),
    )
    return TargetWork(scenario=scenario, asks=asks)


def check_name(name: str, where: str) -> None:
    """Raise ``UsageError`` for what a spreadsheet or a page would take for something else."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{where}: {name!r} is no name; it takes letters, digits, '.', '-', '_', '/' "
            "and spaces, a letter or a digit first"
        )


@dataclass(frozen=True, slots=True)
class _InOrder:
    """Sessions of one user each with all steps; another turn takes the next users."""

    names: Sequence[str]
    steps: Sequence[Step]

    def __call__(self, given: Draw) -> Iterator[Operation]:
        for session in range(given.amount):
            user = (given.turn * given.amount + session) % given.users
            for name, step in zip(self.names, self.steps, strict=True):
                wait_s = given.rng.uniform(*step.wait_s)
                yield Operation(user, name, session, wait_s=wait_s)


@dataclass(frozen=True, slots=True)
class _Mixed:
    """Independent requests of users that are all alike, by the weights of the steps."""

    names: Sequence[str]
    steps: Sequence[Step]

    def __call__(self, given: Draw) -> Iterator[Operation]:
        weights = [step.weight for step in self.steps]
        for place in given.rng.choices(range(len(self.steps)), weights, k=given.amount):
            wait_s = given.rng.uniform(*self.steps[place].wait_s)
            user = given.rng.randrange(given.users)
            yield Operation(user, self.names[place], wait_s=wait_s)


def _purpose(names: Sequence[str]) -> str:
    """Return what is asked for as part of a sentence."""
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _names(drawn: Sequence[Sequence[Sequence[Step]]], where: str) -> list[str]:
    """Return the name of each step; only requests that are the same everywhere share one."""
    taken: dict[str, list[Step]] = {}
    names = []
    for place, step in enumerate(drawn[0][0]):
        same = [steps[place] for users in drawn for steps in users]
        if step.name:
            check_name(step.name, where)
        base = step.name or f"{step.method} {_path(same)}"[:_LONGEST_NAME]
        name, number = base, 1
        while taken.get(name, same) != same:
            number += 1
            name = f"{base} ({number})"
        taken[name] = same
        names.append(name)
    return names


def _path(steps: Sequence[Step]) -> str:
    """Return the path that all share, with * for what differs and no value of a secret."""
    whole = {step.path for step in steps}
    if len(whole) == 1:
        return _SECRET_VALUE.sub(r"\1***", whole.pop())
    parts = [urlsplit(step.path).path.split("/") for step in steps]
    longest = max(map(len, parts))
    if {len(each) for each in parts} != {longest}:
        return "*"
    return "/".join(
        segments[0] if len(set(segments)) == 1 else "*" for segments in zip(*parts, strict=True)
    )
