"""What the documents say can be typed and followed: commands, links, names in the code."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from benchmarks.cli.main import app

ROOT = Path(__file__).parents[2]
TUTORIAL = ROOT / "docs" / "redis-implementation-examples.md"
DOCUMENTS = sorted(
    path
    for pattern in ("*.md", "docs/*.md", "notebooks/*.md", "deploy/**/*.md")
    for path in ROOT.glob(pattern)
    if path not in {TUTORIAL, ROOT / "CHANGELOG.md"}
)
each_document = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
MOST_WORDS = 900
OURS = r"(tests|deploy|benchmarks|notebooks)(/|$)"

FENCED = re.compile(r"```(?:console|bash|sh)\n(.*?)```", re.DOTALL)
INLINE = re.compile(r"`((?:\.venv/bin/)?(?:fivefold|make|pytest|locust|docker compose) [^`]+)`")
# As a person reads it: any of the alternatives, and some number for N.
TYPED = ((r"\\?\|\w+", ""), (r"\bN\b", "2"), (r"\.\.\.$", ""))


def commands(path: Path) -> Iterator[list[str]]:
    """Yield each command of a document, as words."""
    text = path.read_text(encoding="utf-8")
    for block in FENCED.findall(text):
        joined = block.replace("\\\n", " ")
        for line in joined.splitlines():
            yield from words(line.removeprefix("$ "))
    for found in INLINE.findall(text):
        yield from words(" ".join(found.split()))


def words(line: str) -> Iterator[list[str]]:
    for pattern, typed in TYPED:
        line = re.sub(pattern, typed, line)
    found = shlex.split(line, comments=True)
    while found and "=" in found[0]:
        found = found[1:]
    if found:
        yield [found[0].removeprefix(".venv/bin/"), *found[1:]]


def refused(command: list[str]) -> str:
    """Return why this cannot be typed, or nothing."""
    program, *given = command
    if program == "fivefold":
        return refused_by_fivefold(given)
    if program == "make":
        targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
        return ", ".join(each for each in given if "=" not in each and each not in targets)
    # Whatever takes a file of ours: pytest, locust, docker compose.
    paths = [each.partition("::")[0] for each in given if re.match(OURS, each)]
    return ", ".join(each for each in paths if not (ROOT / each).exists())


def refused_by_fivefold(given: list[str]) -> str:
    group = typer.main.get_command(app)
    if not given or given[0].startswith("-") or given[0].isupper():
        return ""
    command = group.commands.get(given[0])  # type: ignore[attr-defined]
    if command is None:
        return f"no command {given[0]}"
    if len(given) == 1:
        # The name of a command alone may be a mention of it.
        return ""
    # An option at the end may be a mention of it, without what it takes.
    for words in ([*given, "1"], given) if given[-1].startswith("--") else (given,):
        try:
            command.make_context(words[0], words[1:], resilient_parsing="--help" in given)
        except Exception as error:  # noqa: BLE001 - Typer's own copy of Click has no public errors
            said = str(error) or type(error).__name__
        else:
            return ""
    return said


@each_document
def test_every_command_can_be_typed(path: Path) -> None:
    typed = [(shlex.join(command), refused(command)) for command in commands(path)]

    assert [each for each in typed if each[1]] == []


def test_the_commands_of_the_readme_are_found() -> None:
    found = [shlex.join(command) for command in commands(ROOT / "README.md")]

    assert {"make demo", "make up", "docker compose up"} <= {*found}
    assert any(command.startswith("fivefold compare") for command in found)


def anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@each_document
def test_every_link_leads_somewhere(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = re.findall(r"\]\(\s*([^)\s]+)\s*\)", text)
    local = [link for link in links if not re.match(r"[a-z]+:", link)]

    broken = []
    for link in local:
        name, _, anchor = link.partition("#")
        there = path.parent / name if name else path
        if not there.exists() or (anchor and anchor not in anchors(there)):
            broken.append(link)
    assert broken == []


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").split()) <= MOST_WORDS


def test_the_names_that_the_tutorial_has_here_are_there() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| [^|]+ \| `(service/[^`]+)`, `(\w+)` \|$", readme, re.MULTILINE)

    assert len(rows) == 6
    assert [
        (path, name)
        for path, name in rows
        if not re.search(rf"(class|def) {name}\b", (ROOT / path).read_text(encoding="utf-8"))
    ] == []


def test_the_list_of_quantities_names_every_module_that_computes_one_and_functions_there_are() -> (
    None
):
    text = (ROOT / "docs" / "method.md").read_text(encoding="utf-8")
    table = text.partition("## One function for each quantity")[2].partition("\n## ")[0]
    analysis = ROOT / "benchmarks" / "analysis"

    named = re.findall(r"`(\w+/\w+\.py)(?:: ([\w, ]+))?`", table)
    for module, functions in named:
        source = (analysis / module).read_text(encoding="utf-8")
        for name in re.findall(r"\w+", functions):
            assert re.search(rf"^(def|class) {name}\b", source, re.MULTILINE), (module, name)
    computing = {
        f"{file.parent.name}/{file.name}"
        for room in ("quantities", "model")
        for file in (analysis / room).glob("[a-z]*.py")
    }
    # Blocks are what is counted, a plan is how samples are read, and a cost is what a model is of.
    computing -= {"quantities/blocks.py", "quantities/groups.py", "model/cost.py"}
    assert computing <= {module for module, _ in named}
