"""A notebook's source as a script, and its pair for Jupyter: the same cells, without outputs."""

from hashlib import sha256
from pathlib import Path
from typing import Any

import jupytext
import nbformat

Notebook = Any
"""A document of nbformat 4, which has no types of its own."""

_FORMAT = "py:percent"
_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
_ID_DIGITS = 8
_MINOR = 5
"""The first version of the format whose cells have ids."""


class NotebookUnreadable(Exception):
    """A script is not one of percent cells; the message names it."""


def sources(folder: Path) -> list[Path]:
    """Return the scripts of a folder of notebooks, in the order of their numbers."""
    return sorted(folder.glob("[0-9][0-9]-*.py"))


def read(script: Path) -> Notebook:
    """Return the notebook of a script; raises ``NotebookUnreadable`` without any cell.

    A cell's id depends on its text, so that a change of one leaves the others' lines as they were.
    """
    found = jupytext.reads(script.read_text(encoding="utf-8"), fmt=_FORMAT)
    if not found.cells:
        raise NotebookUnreadable(f"{script} has no cell; one begins with # %%")
    cells, seen = [], set[str]()
    for cell in found.cells:
        name = _id(cell.source, seen)
        kept = {"id": name, "cell_type": cell.cell_type, "metadata": {}, "source": cell.source}
        if cell.cell_type == "code":
            kept |= {"execution_count": None, "outputs": []}
        cells.append(kept)
    document = {
        "nbformat": 4,
        "nbformat_minor": _MINOR,
        "metadata": {"kernelspec": _KERNEL},
        "cells": cells,
    }
    return nbformat.from_dict(document)


def pair(script: Path) -> Path:
    """Return where the pair of a script is."""
    return script.with_suffix(".ipynb")


def to_json(notebook: Notebook) -> str:
    """Return the text of a notebook's file; the same cells give the same bytes."""
    return str(nbformat.writes(notebook)) + "\n"


def _id(source: str, seen: set[str]) -> str:
    text = source
    while (name := sha256(text.encode()).hexdigest()[:_ID_DIGITS]) in seen:
        text += " "
    seen.add(name)
    return name
