"""Running a notebook: every cell in a fresh kernel of this interpreter."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

from benchmarks.notebook.pair import Notebook

TIMEOUT_S = 120
"""For one cell that reads what was stored."""
LIVE_TIMEOUT_S = 900
"""For one that measures."""


@dataclass(frozen=True, slots=True)
class Failure:
    """The first cell that did not end well: its number from 1, and the last line it said."""

    cell: int
    said: str


def execute(
    notebook: Notebook,
    folder: Path,
    *,
    environment: Mapping[str, str],
    timeout_s: int = TIMEOUT_S,
) -> Failure | None:
    """Run all cells in ``folder``; the outputs go into ``notebook``, also those of failures.

    A cell that takes longer than ``timeout_s`` is interrupted. Returns the first failure.
    """
    begun: list[int] = []
    client = NotebookClient(
        notebook,
        km=_manager(),
        timeout=timeout_s,
        allow_errors=True,
        interrupt_on_timeout=True,
        record_timing=False,
        on_cell_execute=lambda cell_index, **_: begun.append(cell_index + 1),
        resources={"metadata": {"path": str(folder)}},
    )
    try:
        # A client that was given its manager leaves the kernel running unless it is told not to.
        client.execute(cleanup_kc=True, env={**os.environ, **environment})
    except DeadKernelError:
        return Failure(begun[-1], "its kernel died")
    return _first_failure(notebook)


def _manager() -> AsyncKernelManager:
    # Without folders to look into there is one kernel: that of the running interpreter. Whatever
    # a user has installed under the same name may know nothing of this project.
    specs = KernelSpecManager(kernel_dirs=[])
    return AsyncKernelManager(
        kernel_name="python3", kernel_spec_manager=specs, transport_encryption="auto"
    )


def _first_failure(notebook: Notebook) -> Failure | None:
    for number, cell in enumerate(notebook.cells, start=1):
        for output in cell.get("outputs", ()):
            if output.output_type == "error":
                return Failure(number, f"{output.ename}: {output.evalue}")
    return None
