"""What is committed of a notebook that ran."""

from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from notebooks.lib.kept import KeptNotebook, readable

SEEN = {
    "text/html": "<style></style>",
    "image/svg+xml": '<svg>\n <path d="M 0.123456 10\nL 1.5 2"/>\n</svg>',
    "text/markdown": "**Title.** Caption",
    "text/plain": "Title. It rises.",
}
RAN = new_notebook(
    metadata={
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "jupytext": {},
        "language_info": {"name": "python", "version": "3.11"},
    },
    cells=[
        new_markdown_cell("# Text"),
        new_code_cell(
            "kit.show(1)",
            execution_count=4,
            metadata={"execution": {"iopub.status.busy": "2026-01-01"}},
            outputs=[
                new_output("stream", text="a warning"),
                new_output("execute_result", SEEN, execution_count=4),
            ],
        ),
    ],
)


def test_a_picture_stands_before_its_words_and_what_differs_between_runs_is_left_out() -> None:
    kept = readable(RAN)
    text, code = kept.cells

    assert text.source == "# Text"
    assert (code.source, code.execution_count, code.metadata) == ("kit.show(1)", None, {})
    assert [output.data for output in code.outputs] == [
        {
            "image/svg+xml": '<svg> <path d="M 0.12 10 L 1.5 2"/> </svg>',
            "text/plain": "Title. It rises.",
        },
        {"text/markdown": "**Title.** Caption"},
    ]
    assert set(kept.metadata) == {"kernelspec", "jupytext"}
    nbformat.validate(kept)
    # A page is rendered from what ran.
    assert RAN.cells[1].outputs[1].data == SEEN


def test_it_is_written_where_it_is_asked_for_and_nowhere_else(tmp_path: Path) -> None:
    resources = {"metadata": {"name": "one"}}
    # Its constructor is nbconvert's, which has no types.
    made: Any = KeptNotebook

    assert made().preprocess(RAN, resources) == (RAN, resources)
    made(folder=str(tmp_path)).preprocess(RAN, resources)

    assert [file.name for file in tmp_path.iterdir()] == ["one.ipynb"]
