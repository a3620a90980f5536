"""Two services that are not ours, compared from their addresses to the report."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from benchmarks.comparison.compare import report
from benchmarks.comparison.targets.options import TargetOptions
from benchmarks.comparison.targets.run import compare_targets
from benchmarks.report.write import write_report
from benchmarks.storage.usage import UsageError
from tests.unit.benchmarks.comparison.targets.test_options import FRONT_PAGE
from tests.unit.benchmarks.fake_dependencies import Fakes, failed_names, results_in
from tests.unit.benchmarks.fake_http import handler_for, listening


class Page:
    """A web server with one page, which takes a while."""

    def __init__(self, fakes: Fakes, ms: float, body: bytes = b"hello") -> None:
        self._fakes = fakes
        self._ms = ms
        self._body = body
        self.visits = 0

    def answer(self, _method: str, _path: str, _token: str, _body: Any) -> Any:
        self.visits += 1
        self._fakes.spend(self._ms)
        return 200, self._body, {}


@contextmanager
def asked(fakes: Fakes, *pages: Page, **changes: Any) -> Iterator[TargetOptions]:
    with listening(handler_for(pages[0])) as a, listening(handler_for(pages[1])) as b:
        options = TargetOptions.asked_for(
            [f"a={a.url}", f"b={b.url}"], [FRONT_PAGE], out=fakes.folder / "reports", **changes
        )
        few = [replace(case, plan=replace(case.plan, observations=4)) for case in options.cases]
        yield replace(options, cases=tuple(few), warm_up=2)


def test_two_services_are_compared_judged_and_reported_and_rendered_again_byte_for_byte(
    fakes: Fakes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with asked(
        fakes, Page(fakes, 30), Page(fakes, 10), claims=["b/a total >= 2", "b/a mean = 3"]
    ) as options:
        code = compare_targets(options, dependencies=fakes.dependencies())

    results, latest = results_in(options.out), options.out / "latest"
    [summary] = results["summaries"]
    assert code == 0
    assert summary["ratios"][0]["ratio"] == pytest.approx(3)
    assert [verdict["verdict"] for verdict in results["verdicts"]] == ["reproduced"] * 2
    assert not failed_names(results)
    assert "front-page" in (latest / "report.html").read_text()
    # Figures take longer than all else together; they are drawn again in the tests of a whole run.
    undrawn = partial(write_report, draw=lambda _: [])
    monkeypatch.setattr("benchmarks.comparison.compare.write_report", undrawn)
    before = {path.name: path.read_bytes() for path in latest.iterdir() if path.is_file()}
    report(latest)
    assert {path.name: path.read_bytes() for path in latest.iterdir() if path.is_file()} == before


def test_a_claim_that_does_not_hold_is_the_exit_code(fakes: Fakes) -> None:
    with asked(fakes, Page(fakes, 30), Page(fakes, 10), claims=["b/a total >= 4"]) as options:
        code = compare_targets(options, dependencies=fakes.dependencies())

    assert code == 1
    assert "Does not hold: U1" in fakes.output.getvalue()


def test_services_that_answer_differently_decide_nothing(fakes: Fakes) -> None:
    with asked(fakes, Page(fakes, 3), Page(fakes, 1, b"bye")) as options:
        code = compare_targets(options, dependencies=fakes.dependencies())

    assert code == 3
    assert failed_names(results_in(options.out)) == {"bodies"}


def test_a_target_that_does_not_answer_is_named(fakes: Fakes) -> None:
    with asked(fakes, Page(fakes, 1), Page(fakes, 1)) as options:
        pass

    code = compare_targets(options, dependencies=fakes.dependencies())

    assert code == 4
    assert options.targets[0].url in fakes.output.getvalue()


def test_members_have_to_be_there_and_as_many_everywhere(fakes: Fakes) -> None:
    with asked(fakes, Page(fakes, 1), Page(fakes, 1)) as options:
        nobody = replace(options, file=replace(options.file, members=lambda _site: []))
        with pytest.raises(UsageError, match="returned nobody for a"):
            compare_targets(nobody, dependencies=fakes.dependencies())
