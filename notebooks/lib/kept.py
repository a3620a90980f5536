"""The committed outputs of a notebook: a code host shows pictures and words, not our pages."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.preprocessors import Preprocessor
from nbformat.v4 import new_output
from traitlets import Unicode

PICTURE, WORDS, PLAIN = "image/svg+xml", "text/markdown", "text/plain"
_LONG_NUMBER = re.compile(r"(\d\.\d\d)\d+")


class KeptNotebook(Preprocessor):
    """Write each notebook that nbconvert ran into a folder, in the form that is committed.

    nbconvert's configuration names it, after the run; without a folder it writes nothing.
    """

    folder = Unicode("", help="Folder of the notebooks that are written.").tag(config=True)

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Write the notebook and hand it on as it is; raises ``OSError``."""
        if self.folder:
            file = Path(self.folder) / f"{resources['metadata']['name']}.ipynb"
            nbformat.write(readable(nb), file)
        return nb, resources


def readable(ran: Any) -> Any:
    """Return a notebook with its pictures and words; what differs from run to run is left out."""
    # A copy down to each dictionary.
    kept = nbformat.from_dict(ran)
    kept.metadata = {name: kept.metadata[name] for name in ("jupytext", "kernelspec")}
    for cell in kept.cells:
        cell.metadata.clear()
        if cell.cell_type == "code":
            cell.execution_count = None
            cell.outputs = [part for output in cell.outputs for part in _parts(output)]
    return kept


def _parts(output: Any) -> Iterator[Any]:
    """Yield a picture and then its words, which a code host would leave out beside the picture."""
    data = output.get("data", {})
    if PICTURE in data:
        small = _LONG_NUMBER.sub(r"\1", " ".join(data[PICTURE].split()))
        yield new_output("display_data", {PICTURE: small, PLAIN: data[PLAIN]})
    if WORDS in data:
        yield new_output("display_data", {WORDS: data[WORDS]})
