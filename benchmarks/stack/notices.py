"""Say in the terminal what runs, where, and what broke."""

from collections.abc import Mapping, Sequence

from rich.console import Console

from benchmarks.stack.embedded import Stack
from benchmarks.stack.errors import StackError
from benchmarks.stack.locust import LocustUI
from benchmarks.stack.process import Process
from benchmarks.stack.service import Service


def say_running(
    console: Console,
    stack: Stack,
    services: Mapping[str, Service],
    *,
    locust: LocustUI | None = None,
    notes: Sequence[str] = (),
) -> None:
    """Show where each service, each server behind it and each log is, and what it is.

    ``notes`` are said below, beside what the servers themselves are to be known for.
    """
    servers = [server for server in (stack.mongo, stack.redis) if server is not None]
    lines = [(name, f"{each.url}  {each.url}/docs") for name, each in services.items()]
    lines += [("locust", f"{locust.url}  puts both under load")] if locust else []
    lines += [(server.role, f"{server.address}  {server.label}") for server in servers]
    lines += [("logs", f"{stack.folder}/*.log")]
    width = max(len(name) for name, _ in lines)
    for name, what in lines:
        # Addresses and paths are there to be copied: a narrow terminal must not cut them.
        console.print(f"{name:{width}}  {what}", soft_wrap=True, markup=False)
    for note in (*(server.caveat for server in servers if server.caveat), *notes):
        console.print(f"Note: {note}", style="yellow", markup=False)
    console.print("Ctrl-C stops everything and removes data and logs.")


def say_ended(console: Console, process: Process) -> None:
    """Say which process ended by itself, with the end of its log."""
    console.print(
        f"{process.name} ended by itself with exit code {process.poll()}; "
        f"everything else is being stopped. Its log ends with:\n{process.log_tail()}",
        style="red",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )


def say_broken(console: Console, error: StackError) -> None:
    """Say why nothing runs."""
    console.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
