"""What every command shares without importing what any of them does."""

from pathlib import Path

DEFAULT_SEED = 1
DEFAULT_OUT = Path("reports")


class UsageError(Exception):
    """The command cannot be carried out as given; the message lists what can."""
