"""The page as one document: its style and scripts are inside, and nothing else may run."""

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from benchmarks.report.html.theme import variables

_HERE = Path(__file__).parent
_SCRIPTS = ("figures.js", "charts.js", "panels.js", "page.js")


@dataclass(frozen=True, slots=True)
class Document:
    """The HTML and its Content-Security-Policy."""

    html: str
    policy: str


def document() -> Document:
    """Return the page, made from the files of this package."""
    css = variables() + _text("page.css")
    script = "\n".join(_text(name) for name in _SCRIPTS)
    environment = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined
    )
    # Both are files of this package, not values of a run.
    html = environment.get_template("page.html").render(
        css=Markup(css),  # noqa: S704
        script=Markup(script),  # noqa: S704
    )
    return Document(html, _policy(css, script))


def _text(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _policy(css: str, script: str) -> str:
    return "; ".join(
        [
            "default-src 'none'",
            f"style-src '{_digest(css)}'",
            f"script-src '{_digest(script)}'",
            "connect-src 'self'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'self'",
        ]
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
