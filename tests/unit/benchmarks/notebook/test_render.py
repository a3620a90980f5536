from pathlib import Path
from typing import Any

import nbformat
import pytest

from benchmarks.notebook.pair import Notebook
from benchmarks.notebook.render import Link, lead, title, to_page
from tests.notebooks.pages import requests
from tests.unit.benchmarks.export.html.document import Document

TEXT = (
    "# A question & more\n\nIs `it`\ntrue?\n\n## Then\n\n[next](02-b.ipynb), [method](../docs/x.md)"
)


def notebook(*outputs: dict[str, Any]) -> Notebook:
    code: dict[str, Any] = {
        "id": "b",
        "cell_type": "code",
        "metadata": {},
        "source": "x = 1",
        "execution_count": None,
        "outputs": [*outputs],
    }
    prose = {"id": "a", "cell_type": "markdown", "metadata": {}, "source": TEXT}
    return nbformat.from_dict(
        {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [prose, code]}
    )


def shown(**data: str) -> dict[str, Any]:
    named = {name.replace("_", "/", 1): value for name, value in data.items()}
    return {"output_type": "display_data", "metadata": {}, "data": named}


def page(*outputs: dict[str, Any]) -> Document:
    links = [Link("01-a.html", "A question", here=True), Link("02-b.html", "B", here=False)]
    return Document(to_page(notebook(*outputs), links, about="Made from a & b."))


def test_a_notebook_is_called_by_its_first_heading_and_told_by_its_first_paragraph() -> None:
    assert title(notebook()) == "A question & more"
    assert lead(notebook()) == "Is it true?"


def test_a_page_asks_for_nothing_outside_itself() -> None:
    document = page(shown(text_html="<p>seen</p>"))

    assert requests(document) == []
    [policy] = [
        each.attrs["content"] for each in document.all("meta") if "http-equiv" in each.attrs
    ]
    assert policy.startswith("default-src 'none';")


def test_a_page_is_named_and_leads_to_the_others() -> None:
    document = page()

    assert document.one("html").attrs["lang"] == "en"
    assert document.one("title").text == "A question & more"
    here = [each.text for each in document.all("a") if each.attrs.get("aria-current") == "page"]
    assert here == ["A question"]
    assert document.one("footer").text.startswith("Made from a & b.")


def test_links_of_notebooks_lead_to_pages_and_those_of_files_to_where_they_are() -> None:
    leads = {each.text: each.attrs["href"] for each in page().all("a")}

    assert leads["next"] == "02-b.html"
    assert leads["method"] == "../../docs/x.md"


def test_code_is_folded_away() -> None:
    [code] = page().all("details")

    assert code.text == "code x = 1"
    assert "open" not in code.attrs


@pytest.mark.parametrize(
    ("output", "seen"),
    [
        ({"output_type": "stream", "name": "stdout", "text": "a < b"}, "a < b"),
        (shown(text_html="<p>best</p>", text_plain="worse"), "best"),
        (shown(text_markdown="**best**", text_plain="worse"), "best"),
        (shown(text_plain="a < b"), "a < b"),
        (
            {"output_type": "error", "ename": "E", "evalue": "<why>", "traceback": []},
            "E: <why>",
        ),
    ],
    ids=["printed", "html", "markdown", "plain", "error"],
)
def test_what_a_cell_said_is_shown(output: dict[str, Any], seen: str) -> None:
    [block] = [each for each in page(output).all("div") if each.attrs.get("class") == "output"]

    assert block.text == seen


def test_widgets_are_left_to_whoever_has_a_kernel() -> None:
    widget = shown(text_html="<p>fixed</p>")
    widget["data"]["application/vnd.jupyter.widget-view+json"] = {"model_id": "1"}

    [block] = [each for each in page(widget).all("div") if each.attrs.get("class") == "output"]

    assert block.text == "fixed"


def test_the_templates_name_no_other_server() -> None:
    folder = Path("benchmarks/notebook")

    files = [*folder.rglob("*.j2"), *folder.rglob("*.css")]
    assert files
    assert [file.name for file in files if "://" in file.read_text()] == []
