"""The end of a command: its exit codes and its last line."""

from rich.console import Console

FINE, NOT_HELD, INCONCLUSIVE, BROKEN = 0, 1, 3, 4


def say_broken(text: str) -> None:
    """Say on standard error what broke: standard output is for what was found."""
    say(Console(stderr=True), text, style="red")


def say(console: Console, text: str, *, style: str = "") -> None:
    """Print a line; paths and addresses may hold brackets, and stay in one piece to be copied."""
    console.print(text, markup=False, highlight=False, soft_wrap=True, style=style)
