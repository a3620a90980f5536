"""An executed notebook as one page that needs nothing else: no script, no font, no other server.

The stock templates of nbconvert load MathJax, require.js and more from elsewhere; this one has the
style of the reports instead. Its prose leads, code is folded away.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from nbconvert.exporters.templateexporter import TemplateExporter
from nbconvert.filters.highlight import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from traitlets.config import Config

from benchmarks.export import html
from benchmarks.export.html.theme import variables
from benchmarks.notebook.pair import Notebook

TEMPLATES = Path(__file__).parent / "template"
_HEADING = re.compile(r"^# +(.+)$", re.MULTILINE)
_TO_NOTEBOOK = re.compile(r'href="(\d\d-[a-z0-9-]+)\.(?:ipynb|py)"')
_UPWARDS = re.compile(r'href="\.\./')
_SHOWN = ("text/html", "text/markdown", "text/plain")
"""The kinds of output that a page shows, the best first. Widgets need a kernel."""


@dataclass(frozen=True, slots=True)
class Link:
    """An entry of the list of notebooks that every page has."""

    file: str
    title: str
    here: bool


def title(notebook: Notebook) -> str:
    """Return the first heading, the empty text without one."""
    found = _HEADING.search(_prose(notebook))
    return found[1] if found else ""


def lead(notebook: Notebook) -> str:
    """Return the paragraph below the first heading as plain text, empty without one."""
    paragraphs = [part for part in _prose(notebook).split("\n\n") if not part.startswith("#")]
    return " ".join(paragraphs[0].replace("`", "").split()) if paragraphs else ""


def to_page(notebook: Notebook, links: Sequence[Link], *, about: str) -> str:
    """Return the page; ``about`` says below it where it came from."""
    page = {"title": title(notebook), "links": links, "css": css(), "about": about}
    text, _ = _exporter().from_notebook_node(notebook, resources={"page": page})
    return _UPWARDS.sub('href="../../', _TO_NOTEBOOK.sub(r'href="\1.html"', text)).strip() + "\n"


@cache
def css() -> str:
    """Return the style of the reports with what notebooks have besides."""
    reports = Path(html.__file__).parent / "style.css"
    parts = [reports, TEMPLATES / "page" / "notebook.css"]
    return variables() + "".join(part.read_text(encoding="utf-8") for part in parts)


@cache
def _exporter() -> TemplateExporter:
    exporter = TemplateExporter(
        config=Config({"NbConvertBase": {"display_data_priority": list(_SHOWN)}}),
        extra_template_basedirs=[str(TEMPLATES)],
        template_name="page",
        template_file="index.html.j2",
    )
    exporter.register_filter("markdown2html", _markdown)
    exporter.register_filter("highlight_code", Highlight2HTML(pygments_lexer="python"))
    return exporter


def _markdown(source: str) -> str:
    renderer = IPythonRenderer(escape=False, exclude_anchor_links=True)
    return str(MarkdownWithMath(renderer=renderer).render(source))


def _prose(notebook: Notebook) -> str:
    cells = (cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return "\n\n".join(cells)
