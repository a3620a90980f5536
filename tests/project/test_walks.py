"""Each walk of docs/architecture.md does, in a copy of the tree, what it says."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
WALKS = re.split(r"^### ", PAGE, flags=re.MULTILINE)
STEP = re.compile(r"In (a new file )?`([^`]+)`:\n\n```(?:python|diff)\n(.*?)```", re.DOTALL)

CHECKS = {
    "A scenario": """
from benchmarks.comparison.compare import SCENARIOS
from benchmarks.runner.options import CompareOptions
from benchmarks.scenarios.base import Draw
import random

scenario = SCENARIOS["four-fifths"]
draw = Draw(users=9, amount=1000, turn=0, rng=random.Random(1))
reads = [operation.action for operation in scenario.draw(draw)].count("list")
assert 700 < reads < 900, reads
assert "four-fifths" in CompareOptions.from_profile(scenarios=["four-fifths"]).scenarios
""",
    "A claim": """
from benchmarks.report.results import assemble
from benchmarks.runner.options import CompareOptions
from tests.unit.benchmarks.simulate import header, run_samples

verdicts = assemble(header(), run_samples()).verdicts
[found] = [each for each in verdicts if each.claim == "C7"]
assert found.verdict == "reproduced", found
assert CompareOptions.from_profile(fail_on=["C7"]).asked == ("C7",)
""",
    "A variant": """
import asyncio
from contextlib import asynccontextmanager
from benchmarks.runner.options import CompareOptions
from benchmarks.variants.registry import CACHING
from benchmarks.variants.rivals.in_process import from_environment, remembering
from service.domain import CachedValue, Snapshot
from service.trace import HIT, MISS

assert CompareOptions.from_profile(variants=["in-process"]).variants == ("uncached", "in-process")
assert CACHING["in-process"].module == "benchmarks.variants.rivals.in_process"
assert from_environment().title

class Database:
    asked = 0
    async def read(self, user_id, kinds):
        self.asked += 1
        return Snapshot("Ada")
    @asynccontextmanager
    async def write(self, user_id, *kinds):
        yield

async def twice_then_written():
    database = Database()
    cache = remembering(database)
    async def outcome():
        return (await cache.read("1", (CachedValue.USER,))).outcomes[CachedValue.USER]
    outcomes = [await outcome() for _ in range(2)]
    async with cache.write("1", CachedValue.USER):
        pass
    return [*outcomes, await outcome(), database.asked]

assert asyncio.run(twice_then_written()) == [MISS, HIT, MISS, 2]
""",
    "A figure": """
from benchmarks.report.plots import figures
from benchmarks.report.results import assemble
from tests.unit.benchmarks.simulate import header, run_samples

[found] = [each for each in figures(assemble(header(), run_samples())) if each.name == "counts"]
assert "<svg" in found.svg
assert {row[0] for row in found.table.rows} == {"uncached", "cached"}, found.table
""",
    "A field of a todo": """
import json
from service.api.schemas import TodoChangeIn, TodoIn
from service.codec import encode_todos
from service.domain import NewTodo, TodoId
from service.adapters.mongo.documents import todo_from_document
from bson import ObjectId

new = NewTodo({"heading": "Milk", "task": "", "completion_time": None, "priority": 3})
todo = new.created(TodoId("7" * 24))
assert json.loads(encode_todos((todo,)))[0]["priority"] == 3
for body in (TodoIn, TodoChangeIn):
    assert body.model_validate({"heading": "Milk", "task": "", "priority": 3}).priority == 3
at = todo.created_at
stored = {"_id": ObjectId("7" * 24), "heading": "Milk", "task": "", "created_at": at}
assert todo_from_document(stored | {"updated_at": at}).priority == 0
""",
}


@pytest.fixture(name="tree", scope="module")
def _tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("tree")
    for folder in ("service", "benchmarks", "tests"):
        ignored = shutil.ignore_patterns("__pycache__", "node_modules")
        shutil.copytree(ROOT / folder, tree / folder, ignore=ignored)
    return tree


def carry_out(walk: str, tree: Path) -> dict[Path, str | None]:
    """Change the tree as a walk says; return what each file held before."""
    before: dict[Path, str | None] = {}
    for new, name, text in STEP.findall(walk):
        path = tree / name
        before[path] = None if new else path.read_text(encoding="utf-8")
        path.write_text(text if new else changed(before[path] or "", text), encoding="utf-8")
    return before


def changed(text: str, diff: str) -> str:
    """Return the text with the lines that begin with + below the one that they are shown below."""
    lines, place = text.splitlines(), 0
    for line in diff.splitlines():
        if line.startswith("+"):
            lines.insert(place, line[1:])
            place += 1
        else:
            assert lines.count(line[1:]) == 1, f"there is not one line {line[1:]!r}"
            place = lines.index(line[1:]) + 1
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("name", CHECKS)
def test_a_walk_adds_what_it_says(name: str, tree: Path) -> None:
    [walk] = [each for each in WALKS if each.startswith(f"{name}\n")]

    before = carry_out(walk, tree)
    done = subprocess.run(
        [sys.executable, "-c", CHECKS[name]],
        cwd=tree,
        env={**os.environ, "ENVIRONMENT": "development", "PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
        check=False,
    )
    for path, text in before.items():
        path.unlink() if text is None else path.write_text(text, encoding="utf-8")

    assert before
    assert done.returncode == 0, done.stderr


def test_every_walk_is_carried_out() -> None:
    assert [each.splitlines()[0] for each in WALKS[1:]] == list(CHECKS)
