"""The options of ``fivefold doctor``."""

from benchmarks.storage.usage import UsageError

SECONDS = 5.0
"""Seconds to watch the machine, unless an option says otherwise."""
_LEAST_SECONDS, _MOST_SECONDS = 0.5, 60.0


def check_seconds(seconds: float) -> None:
    """Raise ``UsageError`` for a time that says nothing about a machine; 0 is no look at all."""
    if seconds and not _LEAST_SECONDS <= seconds <= _MOST_SECONDS:
        raise UsageError(
            f"--seconds is {seconds:g}; it takes 0 or {_LEAST_SECONDS:g} to {_MOST_SECONDS:g}"
        )
