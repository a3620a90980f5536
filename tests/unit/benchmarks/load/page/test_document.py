import base64
import hashlib
import re

import pytest

from benchmarks.load.page.document import Document, document


@pytest.fixture(scope="module")
def made() -> Document:
    return document()


@pytest.mark.parametrize("kind", ["style", "script"])
def test_what_is_inside_is_exactly_what_the_policy_lets_run(made: Document, kind: str) -> None:
    found = re.findall(f"<{kind}>(.*?)</{kind}>", made.html, re.DOTALL)

    assert len(found) == 1
    digest = base64.b64encode(hashlib.sha256(found[0].encode()).digest()).decode()
    assert f"{kind}-src 'sha256-{digest}'" in made.policy


def test_nothing_comes_from_elsewhere(made: Document) -> None:
    assert made.policy.startswith("default-src 'none'")
    # Names of namespaces are no addresses that anybody asks.
    assert set(re.findall(r"https?://[^\s\"']+", made.html)) <= {"http://www.w3.org/2000/svg"}
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=\"(?!data:)", made.html)
    assert " style=" not in made.html
    assert not re.search(r"\son\w+=", made.html)


def test_every_color_that_the_page_uses_is_one_of_the_reports(made: Document) -> None:
    used = set(re.findall(r"var\(--(\w+)\)", made.html))
    used |= set(re.findall(r"tone: \"(\w+)\"", made.html))

    assert used <= set(re.findall(r"--(\w+):#", made.html))


def test_no_two_lines_of_a_chart_look_the_same_without_color(made: Document) -> None:
    dashes = re.findall(r"dash: \"([\d ]*)\"", made.html)

    assert len(dashes) == len(set(dashes)) >= 6
