"""Say what failed in the stack and what to do next.

StackError
└── EarlyExitError   a process ended before it was ready
"""


class StackError(Exception):
    """One sentence for the user: what failed, then what to do about it."""


class EarlyExitError(StackError):
    """A process ended before it was ready; keeps the exit code and the end of its log."""

    def __init__(self, name: str, code: int, tail: str) -> None:
        super().__init__(
            f"{name} ended with exit code {code} before it was ready; "
            f"correct what its log names and start again:\n{tail or '(the log is empty)'}"
        )
        self.code = code
        self.tail = tail
