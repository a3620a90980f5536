from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.comparison.compare import compare
from benchmarks.runner.dependencies import Dependencies
from benchmarks.runner.options import CompareOptions
from benchmarks.stack.embedded import Stack
from benchmarks.stack.errors import StackError
from benchmarks.storage.usage import UsageError
from tests.unit.benchmarks.fake_servers import FakeMongo, FakeRedis
from tests.unit.benchmarks.fake_service import Faults
from tests.unit.benchmarks.world import World, failed_guards, few_parts, results_in


@pytest.fixture(name="world")
def _world(tmp_path: Path) -> World:
    return World(folder=tmp_path)


@pytest.fixture(name="options")
def _options(tmp_path: Path) -> CompareOptions:
    return few_parts(tmp_path)


def test_a_database_without_test_commands_skips_the_injected_regimes_and_says_so(
    world: World, options: CompareOptions
) -> None:
    world.mongo = FakeMongo(test_commands=False)

    code = compare(options, {}, tools=world.tools())

    results = results_in(options.out)
    skipped = {regime["name"]: regime["skipped"] for regime in results["regimes"]}
    assert code == 0
    assert [summary["regime"] for summary in results["summaries"]] == ["native"]
    assert {name for name, why in skipped.items() if why is None} == {"native", "a/a"}
    assert skipped["native"] is None
    assert "start it with test commands enabled" in skipped["50ms-per-query"]
    report = (options.out / "latest" / "report.md").read_text()
    assert "Left out, and the check of a known delay with it: db+20ms, 50ms-per-query" in report


@pytest.mark.parametrize(
    ("faults", "guards"),
    [
        (Faults(status=lambda number: 500 if number == 170 else 200), {"errors"}),
        (Faults(cached_body=lambda body: body + b" "), {"bodies"}),
        (Faults(never_caches=True), {"outcomes", "coherence", "counters"}),
        (Faults(never_invalidates=True), {"coherence"}),
        (Faults(deaf_to_delay=True), {"delay", "control"}),
    ],
)
def test_a_failed_check_makes_the_run_inconclusive_and_is_named(
    world: World, options: CompareOptions, faults: Faults, guards: set[str]
) -> None:
    world.faults = faults

    code = compare(options, {}, tools=world.tools())

    results = results_in(options.out)
    verdicts = {verdict["verdict"] for verdict in results["verdicts"]}
    assert code == 3
    assert failed_guards(results) == guards
    assert "inconclusive" in verdicts
    assert all(f"FAILED {guard}" in world.output.getvalue() for guard in guards)


def test_a_cache_with_a_sleep_in_it_is_seen_as_slower_than_none(
    world: World, options: CompareOptions
) -> None:
    world.faults_of["service"] = Faults(hit_ms=lambda _: 20.0)
    native, *others = options.parts
    longer = replace(native, plan=replace(native.plan, observations=8))

    compare(replace(options, parts=[longer, *others]), {}, tools=world.tools())

    found = {
        verdict["claim"]: (verdict["verdict"], verdict["qualifier"])
        for verdict in results_in(options.out)["verdicts"]
        if verdict["regime"] == "native"
    }
    assert found["C1"] == ("not reproduced", "slower")
    assert found["C2"] == ("not reproduced", "slower")
    assert found["C3"] == ("not reproduced", "more")


def test_a_cache_that_becomes_slow_half_way_fails_the_check_for_drift(
    world: World, options: CompareOptions
) -> None:
    # The reads of the warm-up and of half of the native blocks, of which 4 in 5 hit.
    half = 30 * 5 + 2 * 2 * 5
    world.faults_of["service"] = Faults(hit_ms=lambda number: 20.0 if number > half else 0.0)

    code = compare(options, {}, tools=world.tools())

    assert code == 3
    assert "drift" in failed_guards(results_in(options.out))


@pytest.mark.parametrize(("asked", "exit_code"), [(("C6", "C2@native"), 1), (("C6",), 0)])
def test_a_claim_that_was_asked_about_decides_the_exit_code(
    world: World, options: CompareOptions, asked: tuple[str, ...], exit_code: int
) -> None:
    native = [part for part in options.parts if part.regime in {"native", "a/a"}]

    code = compare(replace(options, asked=asked, parts=native), {}, tools=world.tools())

    assert code == exit_code
    assert ("Does not hold: C2" in world.output.getvalue()) == bool(exit_code)


def test_a_stand_in_for_redis_gives_no_verdict(world: World, options: CompareOptions) -> None:
    world.redis_product = "fakeredis"

    code = compare(options, {}, tools=world.tools())

    results = results_in(options.out)
    assert code == 3
    assert {verdict["verdict"] for verdict in results["verdicts"]} == {"inconclusive"}


def test_an_interrupted_run_keeps_what_it_measured(world: World, options: CompareOptions) -> None:
    # The set-up, the warm-up and the native regime ask the clock this often; then a bit more.
    warm_up, native, more = 2 * 30 * 5 * 2, 8 * 2 * 5 * 2, 45
    world.faults.interrupt_after = warm_up + 1 + native + more

    code = compare(options, {}, tools=world.tools())

    results = results_in(options.out)
    assert code == 4
    assert results["state"] == "interrupted"
    assert len(results["blocks"]) == 8 * 2 + 4
    assert [len(summary["ratios"]) for summary in results["summaries"]] == [1]
    assert "What was measured is saved." in world.output.getvalue()
    assert str(options.out) in world.output.getvalue()
    assert world.mongo.delay_ms == 0
    assert world.running == 0


def test_interrupted_before_the_first_block_it_says_that_there_is_nothing(
    world: World, options: CompareOptions
) -> None:
    world.faults.interrupt_after = 10

    code = compare(options, {}, tools=world.tools())

    assert code == 4
    assert "Nothing was measured" in world.output.getvalue()
    assert not (options.out / "latest").exists()
    assert world.running == 0


def test_a_login_that_is_refused_breaks_the_run_with_the_variant_s_name(
    world: World, options: CompareOptions
) -> None:
    world.faults = Faults(login_status=429)

    code = compare(options, {}, tools=world.tools())

    assert code == 4
    assert "uncached answered the login of user-00000@example.com with 429" in (
        world.output.getvalue()
    )


def test_a_redis_that_holds_something_is_not_touched(world: World, options: CompareOptions) -> None:
    world.databases["redis://r:1/0"]["precious"] = b"1"

    with pytest.raises(UsageError, match="holds 1 keys"):
        compare(options, {}, tools=world.tools())

    assert world.databases["redis://r:1/0"] == {"precious": b"1"}
    assert list(options.out.iterdir()) == []


def test_a_redis_that_somebody_fills_later_takes_nothing_of_what_was_measured(
    world: World, options: CompareOptions
) -> None:
    def filled(url: str) -> FakeRedis:
        if len(world.started) > 2:  # by the second start of the services
            world.databases[url]["precious"] = b"1"
        return world.connect_redis(url)

    native = [part for part in options.parts if part.regime == "native"]
    once_more = replace(options, parts=native, restarts=2)

    code = compare(once_more, {}, tools=replace(world.tools(), connect_redis=filled))

    assert code == 4
    assert "holds 1 keys" in results_in(options.out)["reason"]


@pytest.mark.parametrize("variable", ["MONGODB_URL", "REDIS_URL"])
def test_a_named_server_that_does_not_answer_is_a_usage_error(
    world: World, options: CompareOptions, variable: str
) -> None:
    tools = _with_broken_stack(world, f"{variable}=x://nowhere names a server without an answer")

    with pytest.raises(UsageError, match="x://nowhere"):
        compare(options, {}, tools=tools)


def test_an_embedded_server_that_does_not_start_breaks_the_run(
    world: World, options: CompareOptions
) -> None:
    code = compare(options, {}, tools=_with_broken_stack(world, "mongod ended with exit code 1."))

    assert code == 4
    assert "Nothing was measured: mongod ended with exit code 1.\n" in world.output.getvalue()
    assert not options.out.exists()


def _with_broken_stack(world: World, message: str) -> Dependencies:
    def broken(**_: Any) -> AbstractContextManager[Stack]:
        raise StackError(message)

    return Dependencies(
        open_stack=broken,
        start_service=world.start_service,
        console=world.tools().console,
    )
