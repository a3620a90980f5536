import errno
import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from benchmarks.comparison.compare import compare, groups, slowed
from benchmarks.measure.regimes import REGIMES
from benchmarks.report.computed import Results
from benchmarks.runner.options import CompareOptions
from benchmarks.scenarios import SCENARIOS
from benchmarks.stack.proxy import FaultProxy
from benchmarks.stack.relay import RelayMode
from benchmarks.storage.records import Sample
from benchmarks.storage.run_folder import Run
from benchmarks.storage.usage import UsageError
from benchmarks.variants.registry import VARIANTS
from tests.unit.benchmarks.fake_dependencies import (
    WARM_UP,
    Fakes,
    failed_names,
    few_cases,
    results_in,
)
from tests.unit.benchmarks.fake_servers import FakeMongo
from tests.unit.benchmarks.fake_service import ServiceFaults

APPEND = Run.append
READS = 5
BLOCKS = SESSIONS = 2
"""What ``few`` asks for: observations, and sessions of each."""


def few(fakes: Fakes, *scenarios: str, blocks: int = BLOCKS, **changes: Any) -> CompareOptions:
    options = few_cases(fakes.folder, *scenarios, blocks=blocks, regimes=["native"])
    return replace(options, **changes)


def compared(fakes: Fakes, options: CompareOptions) -> tuple[int, Results]:
    code = compare(options, {}, dependencies=fakes.dependencies())
    return code, results_in(options.out)


def test_a_database_without_test_commands_skips_the_injected_regimes_and_says_so(
    fakes: Fakes,
) -> None:
    fakes.mongo = FakeMongo(test_commands=False)
    options = few_cases(fakes.folder, blocks=4)

    code, results = compared(fakes, options)

    skipped = {regime.name: regime.skipped for regime in results.regimes}
    assert code == 0
    assert [summary.regime for summary in results.summaries] == ["native"]
    assert {name for name, why in skipped.items() if why is None} == {"native", "a/a"}
    assert "start it with test commands enabled" in (skipped["50ms-per-query"] or "")
    report = (options.out / "latest" / "report.md").read_text()
    assert "Left out, and the check of a known delay with it: db+20ms, 50ms-per-query" in report


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        # The first read of the second session that is measured.
        (
            {"faults": ServiceFaults(status=lambda n: 500 if n == READS * (WARM_UP + 1) else 200)},
            "errors",
        ),
        ({"faults": ServiceFaults(cached_body=lambda body: body + b" ")}, "bodies"),
        ({"faults": ServiceFaults(never_caches=True)}, "outcomes counters"),
        ({"faults": ServiceFaults(never_invalidates=True)}, "coherence"),
        ({"redis_product": "fakeredis"}, "redis"),
    ],
)
def test_what_is_wrong_makes_what_it_touches_inconclusive_and_is_named(
    fakes: Fakes, changes: dict[str, Any], names: str
) -> None:
    code, results = compared(replace(fakes, **changes), few(fakes))

    failed = set(names.split())
    # What is said of the reference alone is not touched, nor are counts by a stand-in for Redis.
    touched = [each for each in results.verdicts if each.claim not in {"C4a", "C6"}]
    assert code == 3
    assert failed_names(results) == failed
    assert {verdict.verdict for verdict in touched} == {"inconclusive"}
    assert all(set(verdict.failed) == failed for verdict in touched)
    assert all(f"WRONG {name}" in fakes.output.getvalue() for name in failed)


def test_a_delay_that_does_not_reach_the_service_fails_its_checks(fakes: Fakes) -> None:
    fakes.faults = ServiceFaults(deaf_to_delay=True)

    code, results = compared(
        fakes, few_cases(fakes.folder, blocks=4, regimes=["native", "a/a", "50ms-per-query"])
    )

    assert code == 3
    assert failed_names(results) == {"delay", "control"}


@pytest.mark.parametrize(("asked", "exit_code"), [(("C6", "C2@native"), 1), (("C6",), 0)])
def test_a_claim_that_was_asked_about_decides_the_exit_code(
    fakes: Fakes, asked: tuple[str, ...], exit_code: int
) -> None:
    code, _ = compared(fakes, few(fakes, asked=asked))

    assert code == exit_code
    assert ("Does not hold: C2" in fakes.output.getvalue()) == bool(exit_code)


def test_of_several_scenarios_and_variants_only_sessions_of_services_are_judged(
    fakes: Fakes,
) -> None:
    fakes.faults_of[VARIANTS["naive"].module] = ServiceFaults(never_invalidates=True)
    names = ("uncached", "cached", "naive", "static")

    code, results = compared(fakes, few(fakes, "session", "hits", "writes", variants=names))

    summaries, probed = results.summaries, results.coherence
    assert code == 0
    assert [summary.scenario for summary in summaries] == ["session", "hits", "writes"]
    assert {verdict.scenario for verdict in results.verdicts} == {"session"}
    assert "static" not in {verdict.variant for verdict in results.verdicts}
    assert {v.hit_ratio for v in summaries[1].variants} == {0.0, 1.0}
    # Whatever can be written to is probed; a rival's stale reads are in its row and fail nothing.
    stale = {found.variant: found.stale for found in probed}
    assert list(stale) == ["uncached", "cached", "naive"]
    assert all(found.reads for found in probed)
    assert stale["naive"] > stale["uncached"] == stale["cached"] == 0
    assert f"naive: stale reads: {stale['naive']} of" in fakes.output.getvalue()


def test_an_interrupted_run_keeps_what_it_measured(
    fakes: Fakes, capsys: pytest.CaptureFixture[str]
) -> None:
    # How often the clock is asked by the warm-up and the native regime; then a bit more.
    warm_up, native = 2 * WARM_UP * READS * 2, 2 * BLOCKS * SESSIONS * READS * 2
    fakes.faults.interrupt_after = warm_up + 1 + native + 45
    options = few_cases(fakes.folder, blocks=BLOCKS)

    code, results = compared(fakes, options)

    assert code == 4
    assert results.state == "interrupted"
    assert len(results.blocks) == 2 * BLOCKS * SESSIONS + 4
    assert [len(summary.ratios) for summary in results.summaries] == [1]
    assert "What was measured is saved." in capsys.readouterr().err
    assert str(options.out) in fakes.output.getvalue()
    assert fakes.mongo.delay_ms == 0
    assert fakes.running == 0


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        (ServiceFaults(interrupt_after=10), "Nothing was measured"),
        (
            ServiceFaults(login_status=429),
            "uncached answered the login of user-00000@example.com with 429",
        ),
    ],
)
def test_what_breaks_before_the_first_block_is_said_and_leaves_nothing(
    fakes: Fakes, faults: ServiceFaults, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    fakes.faults = faults
    options = few(fakes)

    code = compare(options, {}, dependencies=fakes.dependencies())

    assert code == 4
    assert said in capsys.readouterr().err
    assert not (options.out / "latest").exists()
    assert fakes.running == 0


def test_a_disk_that_gets_full_is_said_in_a_sentence_and_what_was_measured_is_kept(
    fakes: Fakes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    appends = iter([APPEND])

    def full(run: Run, *_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(run.samples_file))

    def append(run: Run, samples: Sequence[Sample]) -> None:
        next(appends, full)(run, samples)

    monkeypatch.setattr(Run, "append", append)
    monkeypatch.setattr(Run, "write_all", full)
    options = few(fakes)

    code = compare(options, {}, dependencies=fakes.dependencies())

    [said] = capsys.readouterr().err.splitlines()
    assert code == 4
    assert "No space left" in said
    assert said.endswith(f"What was measured is saved in {(options.out / 'latest').resolve()}")
    assert Run((options.out / "latest").resolve()).samples()
    assert fakes.running == 0


def test_a_redis_that_holds_something_is_not_touched(fakes: Fakes) -> None:
    fakes.databases["redis://r:1/0"]["precious"] = b"1"
    options = few(fakes)

    with pytest.raises(UsageError, match="holds 1 keys"):
        compare(options, {}, dependencies=fakes.dependencies())

    assert fakes.databases["redis://r:1/0"] == {"precious": b"1"}
    assert list(options.out.iterdir()) == []


def test_a_redis_that_somebody_fills_later_takes_nothing_of_what_was_measured(
    fakes: Fakes,
) -> None:
    def filled(url: str) -> Any:
        if len(fakes.started) > 2:  # by the second start of the services
            fakes.databases[url]["precious"] = b"1"
        return fakes.connect_redis(url)

    profile = replace(few(fakes).profile, restarts=2)
    options = few(fakes, profile=profile)

    code = compare(options, {}, dependencies=replace(fakes.dependencies(), connect_redis=filled))

    assert code == 4
    assert "holds 1 keys" in results_in(options.out).reason


def test_parts_that_want_the_same_services_share_them() -> None:
    options = CompareOptions.from_profile("full")

    found = groups(options.cases)

    assert sum(len(group.cases) for group in found) == len(options.cases)
    assert found[0].is_usual
    assert sum(group.is_usual for group in found) == 1
    assert {(group.setting, group.far_redis) for group in found} == {
        (SCENARIOS[part.scenario].setting, REGIMES[part.regime].redis_delay_ms is not None)
        for part in options.cases
    }


def test_a_regime_is_as_slow_as_it_says_and_leaves_nothing_behind() -> None:
    mongo, proxy = FakeMongo(), RecordingProxy()
    admin = mongo.get_database("admin")

    with slowed(admin, proxy, REGIMES["redis+2ms"]):
        pass
    with slowed(admin, None, REGIMES["db+20ms"]):
        within = mongo.delay_ms

    assert proxy.said == [(RelayMode.DELAY, 1.0), (RelayMode.NORMAL, 0.0)]
    assert within == 20
    assert mongo.delay_ms == 0


class RecordingProxy(FaultProxy):
    def __init__(self) -> None:
        self.said: list[tuple[RelayMode, float]] = []

    def switch(self, mode: RelayMode, *, delay_ms: float = 0.0) -> None:  # type: ignore[override]
        self.said.append((mode, delay_ms))
