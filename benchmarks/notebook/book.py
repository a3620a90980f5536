"""All notebooks: paired, run and rendered, with a page that lists them."""

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from benchmarks.notebook.execute import LIVE_TIMEOUT_S, TIMEOUT_S, Failure, execute
from benchmarks.notebook.pair import Notebook, pair, read, sources, to_json
from benchmarks.notebook.render import TEMPLATES, Link, css, lead, title, to_page

INDEX = "index.html"


@dataclass(frozen=True, slots=True)
class Chapter:
    """A notebook as it was read, with where its page goes."""

    script: Path
    notebook: Notebook

    @property
    def page(self) -> str:
        """Return the name of the page's file."""
        return f"{self.script.stem}.html"


@dataclass(frozen=True, slots=True)
class Done:
    """A notebook that was run: its page, and the failure if there was one."""

    chapter: Chapter
    page: str
    failure: Failure | None


def chapters(folder: Path) -> list[Chapter]:
    """Return the notebooks of a folder; raises ``NotebookUnreadable``."""
    return [Chapter(script, read(script)) for script in sources(folder)]


def write_pairs(found: Iterable[Chapter]) -> list[Path]:
    """Write the pair of each notebook where it differs; return those that were written."""
    written = []
    for chapter in found:
        file, text = pair(chapter.script), to_json(chapter.notebook)
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")
            written.append(file)
    return written


def run(
    chapter: Chapter, others: Sequence[Chapter], *, live: bool, environment: Mapping[str, str]
) -> Done:
    """Run a copy of one notebook and render it; ``others`` are all of the book, it included."""
    notebook = copy.deepcopy(chapter.notebook)
    folder = chapter.script.parent
    timeout_s = LIVE_TIMEOUT_S if live else TIMEOUT_S
    failure = execute(notebook, folder, environment=environment, timeout_s=timeout_s)
    links = [
        Link(each.page, title(each.notebook), each.script == chapter.script) for each in others
    ]
    data = "measured when this page was made" if live else "read from the published run"
    about = f"Made from notebooks/{chapter.script.name}; its numbers were {data}."
    return Done(chapter, to_page(notebook, links, about=about), failure)


def index(done: Sequence[Done]) -> str:
    """Return the page that lists the notebooks, and which of them failed."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES / "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    entries = [
        {
            "file": each.chapter.page,
            "title": title(each.chapter.notebook),
            "lead": lead(each.chapter.notebook),
            "failure": f"failed in cell {each.failure.cell}" if each.failure else "",
        }
        for each in done
    ]
    # The style sheets are files of this project.
    style = Markup(css())  # noqa: S704
    return environment.get_template("contents.html.j2").render(entries=entries, css=style)
