"""What is remembered of answers while targets are measured."""

from dataclasses import replace

from benchmarks.comparison.targets.answers import AnswerLog
from benchmarks.comparison.targets.json_paths import JSONPaths
from benchmarks.measure.client import Response
from tests.unit.benchmarks.simulate import run_samples


def test_of_what_changes_an_answer_is_kept_until_every_target_has_given_its_own() -> None:
    [sample, *_] = run_samples()
    response = Response(200, {}, b"order 1", 0, 0)
    log = AnswerLog(
        reference="a",
        targets={name: f"http://{name}" for name in "abc"},
        ignored=JSONPaths.parse([]),
        bodies=True,
        changes=True,
    )

    def kept_after(*names: str) -> list[object]:
        for name in names:
            log.note(replace(sample, variant=name), response)
        return list(log._first)

    assert kept_after("a", "a", "b") == [1, 2]
    assert kept_after("c") == [2]
    assert kept_after("c", "b") == []
    log.note(replace(sample, variant="b"), response)
    log.note(replace(sample, variant="c", status=500), response)
    [difference] = log.differences
    assert [each.variant for each in difference.answers] == ["b", "c"]
