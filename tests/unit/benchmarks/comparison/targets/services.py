"""Services that are not ours, played by fakes, and what came of comparing them."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks.comparison.targets.options import TargetOptions
from benchmarks.comparison.targets.run import compare_targets
from tests.unit.benchmarks.fake_dependencies import Fakes, results_in
from tests.unit.benchmarks.fake_http import handler_for, listening

Answer = tuple[int, Any, dict[str, str]]
BLOCKS = 4
"""Few are enough: the clock is a fake, and says the same each time."""


@dataclass
class Shop:
    """A web service that takes ``ms`` for each answer; ``pages`` by path, any other is missing.

    A page is a body or a function that makes the whole answer. What is posted is counted.
    """

    fakes: Fakes
    ms: float = 1.0
    pages: dict[str, Any] = field(default_factory=lambda: {"/": b"hello"})
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    orders: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, method: str, path: str, token: str, _body: Any) -> Answer:
        with self.lock:
            self.asked.append((method, path, token))
            self.fakes.spend(self.ms)
            if method == "POST":
                self.orders += 1
                return 201, {"order": self.orders}, {"Content-Type": "application/json"}
            if path == "/orders":
                return 200, {"orders": self.orders}, {"Content-Type": "application/json"}
            page = self.pages.get(path)
            if page is None:
                return 404, b"no such page", {}
            if isinstance(page, Callable):  # type: ignore[arg-type]
                answer: Answer = page()
                return answer
            return (
                200,
                page,
                {} if isinstance(page, bytes) else {"Content-Type": "application/json"},
            )


@dataclass(frozen=True)
class Compared:
    """How the command ended, and what it left."""

    code: int
    output: str
    options: TargetOptions

    @property
    def results(self) -> Any:
        return results_in(self.options.out)

    @property
    def folder(self) -> Path:
        return (self.options.out / "latest").resolve()

    def check(self, name: str) -> Any:
        return next(each for each in self.results.checks if each.name == name)


@contextmanager
def running(*shops: Shop, certificate: Path | None = None) -> Iterator[list[str]]:
    """Have them listen, as a=URL, b=URL and so on; with a certificate over TLS."""
    with ExitStack() as cleanup:
        urls = [
            cleanup.enter_context(listening(handler_for(shop), certificate=certificate)).url
            for shop in shops
        ]
        yield [f"{name}={url}" for name, url in zip("abcd", urls, strict=False)]


def compared(
    fakes: Fakes, *shops: Shop, certificate: Path | None = None, user: str = "", **asked: Any
) -> Compared:
    """Compare the shops; unless told otherwise, the front page of each, without an account."""
    usual: dict[str, Any] = {} if "scenarios" in asked or "request" in asked else {"get": ["/"]}
    with running(*shops, certificate=certificate) as targets:
        options = TargetOptions(
            [each.replace("//", f"//{user}@") if user else each for each in targets],
            out=fakes.folder / "reports",
            **({"blocks": BLOCKS} | usual | asked),
        )
        dependencies = replace(
            fakes.dependencies(), sleep=lambda seconds: fakes.spend(seconds * 1000)
        )
        code = compare_targets(options, dependencies=dependencies)
    return Compared(code, fakes.output.getvalue(), options)
