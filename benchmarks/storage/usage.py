"""The defaults and errors of all commands."""

import errno
import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path

DEFAULT_SEED = 1
DEFAULT_OUT = Path("reports")
_FULL = {errno.EDQUOT, errno.EFBIG, errno.ENOSPC}
_CREDENTIALS = re.compile(r"//[^\s/@]+@")


class UsageError(Exception):
    """The command cannot be carried out as given; the message lists what can."""


def is_full(error: BaseException) -> bool:
    """Tell whether there is no room left on a disk: nothing that was asked for is wrong."""
    return isinstance(error, OSError) and error.errno in _FULL


def sentence(error: BaseException) -> str:
    """Return what an error says as one line without a full stop or the password of an address."""
    said = _CREDENTIALS.sub("//***@", " ".join(str(error).split()))
    return said.removesuffix(".") or type(error).__name__


def kind_and_sentence(error: BaseException) -> str:
    """Return an unexpected error: its kind and, if it says anything, what it says."""
    kind, said = type(error).__name__, sentence(error)
    return kind if said == kind else f"{kind}: {said}"


def choice(kind: str, name: str, choices: Iterable[str]) -> str:
    """Return the name; raises ``UsageError`` for one that is no choice."""
    names = list(choices)
    if name in names:
        return name
    near = get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    raise UsageError(f"unknown {kind} {name!r}; {hint}choose from: {', '.join(names)}")


def within(name: str, value: float | None, limits: Mapping[str, tuple[float, float]]) -> None:
    """Raise ``UsageError`` for an option's number outside of its limits; None was not given."""
    least, most = limits[name]
    # Written so that it also refuses what is not a number.
    if value is not None and not least <= value <= most:
        raise UsageError(f"--{name.replace('_', '-')} is {value}; it takes {least} to {most}")
