"""``locust -f benchmarks/locustfile.py`` on real services, as Locust users know it."""

import os
import re
import signal
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks.stack.embedded import Stack
from benchmarks.stack.locust import LOCUSTFILE
from benchmarks.storage.records import Sample
from tests.integration.load.locusts import Locusts, both, locusts, service, until

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]
SPIKED = Path(__file__).with_name("spiked.py")


def _outcomes(samples: Iterable[Sample], variant: str) -> set[str]:
    return {sample.outcome for sample in samples if sample.variant == variant}


def test_both_variants_are_loaded_at_the_same_time_and_every_request_is_kept(
    load: Locusts,
) -> None:
    def hits_mostly() -> bool:
        lists = [one for one in load.samples if one.action == "list"]
        outcomes = [one.outcome for one in lists if one.variant == "cached"]
        return len(outcomes) < len(lists) and 5 <= outcomes.count("hit") > len(outcomes) / 2

    tables = ("--json-file", "table", "--csv", "run", "--html", "run.html")
    code, said = load.run_until(hits_mostly, *tables)
    samples, table = load.samples, load.table("table")

    assert code == 0, said
    assert {sample.status for sample in samples} == {200}
    assert _outcomes(samples, "uncached") <= {"bypass", "write"}
    assert {"hit"} <= _outcomes(samples, "cached") <= {"hit", "miss", "partial", "write"}
    assert sum(entry["num_requests"] for entry in table) == len(samples)
    assert {entry["name"] for entry in table} >= {"uncached: list", "cached: list"}
    assert "cached: list" in (load.folder / "run.html").read_text()
    assert (load.folder / "run_stats.csv").exists()


@pytest.fixture(scope="module", name="several")
def _several(
    targets: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Locusts]:
    """Run three classes at the same time whose users have accounts of their own."""
    with locusts(tmp_path_factory.mktemp("several"), targets) as load:
        classes = ("FiveRequests", "WarmReads", "Updates")

        def all_seen() -> bool:
            later = any(one.index > 0 for one in _cached(load, "session"))
            return later and bool(_cached(load, "hits")) and bool(_cached(load, "writes"))

        code, said = load.run_until(all_seen, "--json-file", "table", *classes, users=6)
        assert code == 0, said
        yield load


def _cached(load: Locusts, *scenarios: str) -> list[Sample]:
    return [one for one in load.samples if one.variant == "cached" and one.scenario in scenarios]


def test_a_session_from_cold_meets_a_changed_list_and_hits_after_it(several: Locusts) -> None:
    cached = _cached(several, "session")

    assert {(one.index == 0, one.outcome) for one in cached} == {(True, "partial"), (False, "hit")}
    assert {one.slots for one in cached if one.index == 0} == {"todos=invalidated user=hit"}


def test_what_only_prepares_a_session_is_recorded_nowhere(several: Locusts) -> None:
    cached = _cached(several, "hits", "writes")

    assert {one.outcome for one in cached} == {"hit", "write"}
    assert sum(entry["num_requests"] for entry in several.table("table")) == len(several.samples)


def _statuses(load: Locusts) -> set[tuple[str, int]]:
    return {(one.scenario, one.status) for one in load.samples}


def _was_answered(load: Locusts, scenario: str, status: int) -> bool:
    return (scenario, status) in _statuses(load)


def test_a_refused_guess_is_what_was_asked_for_and_locks_no_simulated_user_out(
    servers: Stack, tmp_path: Path
) -> None:
    # Services of its own: guesses at an account count for a minute.
    with both(servers, tmp_path) as targets, locusts(tmp_path, targets) as load:
        # One after the other, so that those who sign in have the accounts of those who guessed.
        for name, last in (("LimitBurst", ("limit-burst", 429)), ("SignIn", ("sign-in", 200))):
            code, said = load.run_until(partial(_was_answered, load, *last), name)
            assert code == 0, said

        statuses = _statuses(load)

    assert statuses == {("limit-burst", 401), ("limit-burst", 429), ("sign-in", 200)}


def test_any_other_refusal_is_a_failure(servers: Stack, tmp_path: Path) -> None:
    strict = {"TRUSTED_PROXIES": "", "RATE_LIMIT_LOGIN": "2/minute"}
    with (
        service(servers, tmp_path, cached=True, env=strict) as (url, _),
        locusts(tmp_path, {}) as load,
    ):
        code, said = load.run_until(
            partial(_was_answered, load, "sign-in", 429),
            *("--host", url, "--only-summary", "SignIn"),
            users=1,
        )

    assert code == 1
    assert "POST service: login: 429 " in said


def test_a_service_that_ends_in_the_run_is_a_failure(servers: Stack, tmp_path: Path) -> None:
    with (
        service(servers, tmp_path, cached=False) as (url, pid),
        locusts(tmp_path, {"FIVEFOLD_UNCACHED": url}) as load,
    ):
        process = load.start("--headless", "-u", "2", "-r", "2", "--only-summary")
        until(lambda: load.wrote(process))
        os.kill(pid, signal.SIGKILL)
        until(lambda: 0 in {one.status for one in load.of(process)})
        said = load.end(process, signal.SIGTERM)

    assert process.returncode == 1
    assert "uncached: list" in said.partition("Error report")[2]
    assert {200, 0} == {sample.status for sample in load.samples}


def test_a_service_that_is_not_there_is_a_failure_that_names_it(tmp_path: Path) -> None:
    # Nothing listens on the port for discarding.
    with locusts(tmp_path, {"FIVEFOLD_CACHED": "http://127.0.0.1:9"}) as load:
        code, said = load.run_until(
            lambda: load.shows("failures", "SetUpFailed"), "--csv", "run", "--only-summary"
        )

    assert code == 1
    assert "cached: set-up: SetUpFailed" in said
    assert "http://127.0.0.1:9" in said


def test_without_a_service_the_options_that_name_one_are_told(tmp_path: Path) -> None:
    with locusts(tmp_path, {}) as load:
        code, said = load.run("-t", "2")

    assert code == 1
    assert all(option in said for option in ("--uncached", "--cached", "--host"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_loses_no_request(load: Locusts, number: signal.Signals) -> None:
    process = load.start("--headless", "-u", "4", "-r", "4", "--json-file", "table")
    until(lambda: load.wrote(process))

    said = load.end(process, number)

    assert process.returncode == 0, said
    assert sum(entry["num_requests"] for entry in load.table("table")) == len(load.samples)


def test_in_blocks_everybody_is_on_one_variant_and_the_run_ends_by_itself(load: Locusts) -> None:
    blocks = ("--turns", "blocks", "--blocks", "2", "--block-seconds", "0.6")
    code, said = load.run(*blocks, "--warm-up-seconds", "0.5", "ReadZipf")
    met: dict[int, set[tuple[str, int]]] = defaultdict(set)
    for sample in load.samples:
        met[sample.block].add((sample.variant, sample.observation))

    assert code == 0, said
    assert all(len(kinds) == 1 for kinds in met.values())
    lanes = ("uncached", "cached", "uncached again", "cached again")
    # Whether anything is answered in every block of so short a time is a matter of the machine.
    seen = set().union(*met.values())
    assert seen <= {(lane, number) for lane in lanes for number in range(2)}


def test_before_and_after_are_the_halves_of_the_run(load: Locusts) -> None:
    code, said = load.run("-t", "4", "--shape", "before-after", "ReadZipf")

    assert code == 0, said
    assert {one.variant for one in load.samples} <= {"uncached", "cached"}
    assert all(one.start_s >= 2 for one in load.samples if one.variant == "cached")
    # The second of its half in which its turn came.
    assert {one.observation for one in load.samples} <= {0, 1}


def test_a_spike_brings_everybody_for_the_middle_fifth(load: Locusts) -> None:
    # Beside the usual file one with a clock: a fifth of the time goes by with each look.
    several = f"{LOCUSTFILE},{SPIKED}"
    code, said = load.run("-f", several, "-t", "500", "--shape", "spike", "ReadZipf", users=10)

    assert code == 0, said
    assert re.findall(r"updating to (\d+) users", said) == ["1", "10", "1"]


def test_arrivals_that_pile_up_are_refused_as_failures(servers: Stack, tmp_path: Path) -> None:
    with (
        service(servers, tmp_path, cached=False) as (url, pid),
        locusts(tmp_path, {"FIVEFOLD_UNCACHED": url}) as load,
    ):
        arguments = ("--headless", "-u", "1", "-r", "1", "--csv", "run", "--json-file", "table")
        process = load.start(*arguments, "--open-rate", "500", "OpenLoop")
        until(lambda: load.wrote(process))
        os.kill(pid, signal.SIGSTOP)
        until(lambda: load.shows("failures", "backlog"))
        os.kill(pid, signal.SIGCONT)
        said = load.end(process, signal.SIGTERM)

    assert process.returncode == 1, said
    refused = [one for one in load.table("table") if one["name"].endswith("backlog")]
    assert sum(one["num_failures"] for one in refused) > 0
    assert "refused as backlog" in said


def test_an_open_loop_keeps_its_rate_and_its_times_count_from_when_each_was_due(
    load: Locusts,
) -> None:
    code, said = load.run_until(
        lambda: len(load.samples) >= 240, "--open-rate", "60", "OpenLoop", users=1
    )
    samples = load.samples
    due_s = sorted(one.intended_start_s for one in samples)

    assert code == 0, said
    # The mean of 240 gaps of a Poisson process is within 35 % of its own, whoever is late.
    assert len(samples) / (due_s[-1] - due_s[0]) == pytest.approx(60, rel=0.35)
    # A timer is never early, and hardly ever to the nanosecond.
    assert all(one.intended_start_s < one.start_s for one in samples)
    assert len({one.intended_start_s for one in samples}) == len(samples)
    assert "Open loop: " in said


def test_the_time_of_a_request_is_neither_less_than_the_service_took_nor_any_of_the_thinking(
    load: Locusts, targets: Mapping[str, str]
) -> None:
    with locusts(load.folder, {"FIVEFOLD_CACHED": targets["FIVEFOLD_CACHED"]}) as alone:
        code, said = alone.run_until(lambda: len(alone.samples) >= 10, "WarmReads", users=1)
        samples = alone.samples

    assert code == 0, said
    assert {one.outcome for one in samples} == {"hit"}
    assert all(1000 * one.duration_s > (one.app_ms or 0) > 0 for one in samples)
    assert all(one.start_s + one.duration_s <= after.start_s for one, after in pairwise(samples))
