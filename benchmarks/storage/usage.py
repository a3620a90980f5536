"""What every command shares without importing what any of them does."""

import re
from pathlib import Path

DEFAULT_SEED = 1
DEFAULT_OUT = Path("reports")
_CREDENTIALS = re.compile(r"//[^\s/@]+@")


class UsageError(Exception):
    """The command cannot be carried out as given; the message lists what can."""


def sentence(error: BaseException) -> str:
    """Return what an error says as one line without a full stop or the password of an address."""
    said = _CREDENTIALS.sub("//***@", " ".join(str(error).split()))
    return said.removesuffix(".") or type(error).__name__
