"""``locust -f benchmarks/locustfile.py`` on real services, as Locust users know it."""

import os
import signal
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from benchmarks.load.crowd import Crowd
from benchmarks.load.floor import client_floor
from benchmarks.measure.blocks import Block
from benchmarks.measure.client import Connection
from benchmarks.measure.sessions import Arm, Frame, prepare, run_block
from benchmarks.records import Sample
from benchmarks.scenarios import SCENARIOS
from benchmarks.scenarios.actions import read_list
from benchmarks.stack.embedded import Stack
from tests.integration.load.locusts import Locusts, interrupt, locusts, service, until

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]
SOME_FLOORS = 3
"""FastHttpUser takes 0.2 to 0.5 ms more than a plain socket; a busy machine a little more."""


def _outcomes(samples: Iterable[Sample], variant: str) -> set[str]:
    return {sample.outcome for sample in samples if sample.variant == variant}


def test_both_variants_are_loaded_at_the_same_time_and_every_request_is_kept(
    load: Locusts,
) -> None:
    code, said = load.run("-t", "3", "--json-file", "table", "--csv", "run", "--html", "run.html")
    samples, table = load.samples, load.table("table")

    assert code == 0, said
    assert {sample.status for sample in samples} == {200}
    assert _outcomes(samples, "uncached") <= {"bypass", "write"}
    assert {"hit"} <= _outcomes(samples, "cached") <= {"hit", "miss", "partial", "write"}
    reads = [one for one in samples if (one.variant, one.action) == ("cached", "list")]
    assert sum(one.outcome == "hit" for one in reads) > len(reads) / 2
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
        code, said = load.run("-t", "3", "--json-file", "table", *classes, users=6)
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


def test_a_refused_guess_is_what_was_asked_for_and_locks_no_simulated_user_out(
    load: Locusts,
) -> None:
    # One after the other, so that those who sign in have the accounts of those who guessed.
    for name in ("LimitBurst", "SignIn"):
        code, said = load.run("-t", "2", name)
        assert code == 0, said
    statuses = {(one.scenario, one.status) for one in load.samples}

    assert statuses == {("limit-burst", 401), ("limit-burst", 429), ("sign-in", 200)}


def test_any_other_refusal_is_a_failure(servers: Stack, tmp_path: Path) -> None:
    strict = {"TRUSTED_PROXIES": "", "RATE_LIMIT_LOGIN": "2/minute"}
    with (
        service(servers, tmp_path, cached=True, env=strict) as (url, _),
        locusts(tmp_path, {}) as load,
    ):
        code, said = load.run("-t", "3", "--host", url, "--only-summary", "SignIn", users=1)

    assert code == 1
    assert "POST service: login: 429 " in said
    assert 429 in {sample.status for sample in load.samples}


def test_a_service_that_ends_in_the_run_is_a_failure(servers: Stack, tmp_path: Path) -> None:
    with (
        service(servers, tmp_path, cached=False) as (url, pid),
        locusts(tmp_path, {"FIVEFOLD_UNCACHED": url}) as load,
    ):
        process = load.start("--headless", "-u", "2", "-r", "2", "--only-summary")
        until(lambda: load.wrote(process))
        os.kill(pid, signal.SIGKILL)
        until(lambda: 0 in {one.status for one in load.of(process)})
        said = interrupt(process, signal.SIGTERM)

    assert process.returncode == 1
    assert "uncached: list" in said.partition("Error report")[2]
    assert {200, 0} == {sample.status for sample in load.samples}


def test_a_service_that_is_not_there_is_a_failure_that_names_it(tmp_path: Path) -> None:
    # Nothing listens on the port for discarding.
    with locusts(tmp_path, {"FIVEFOLD_CACHED": "http://127.0.0.1:9"}) as load:
        code, said = load.run("-t", "2", "--only-summary")

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
    if signal.getsignal(number) is signal.SIG_IGN:
        pytest.skip(f"{number.name} is ignored by whoever started the tests, and so by Locust")
    process = load.start("--headless", "-u", "4", "-r", "4", "--json-file", "table")
    until(lambda: load.wrote(process))

    said = interrupt(process, number)

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
    assert set().union(*met.values()) == {(lane, number) for lane in lanes for number in range(2)}


def test_before_and_after_are_the_halves_of_the_run(load: Locusts) -> None:
    code, said = load.run("-t", "4", "--shape", "before-after", "ReadZipf")
    before, after = (
        [one for one in load.samples if one.variant == variant]
        for variant in ("uncached", "cached")
    )

    assert code == 0, said
    assert before[0].start_s < 1
    assert after[0].start_s >= 2
    # Whoever began before the half is over may end after it.
    assert before[-1].start_s < after[0].start_s + 0.5
    assert {one.observation for one in (*before, *after)} == {0, 1}


def test_a_spike_brings_everybody_for_the_middle_fifth(load: Locusts) -> None:
    code, said = load.run("-t", "5", "--shape", "spike", "ReadZipf", users=10)
    fifths = Counter(int(one.start_s) for one in load.samples)

    assert code == 0, said
    # Ten users in place of one; they take a moment to come and to go.
    assert fifths[2] > 3 * fifths[1]
    assert fifths[2] > 3 * fifths[4]


def test_arrivals_that_pile_up_are_refused_as_failures(servers: Stack, tmp_path: Path) -> None:
    with (
        service(servers, tmp_path, cached=False) as (url, pid),
        locusts(tmp_path, {"FIVEFOLD_UNCACHED": url}) as load,
    ):
        arguments = ("--headless", "-u", "1", "-r", "1", "-t", "5", "--json-file", "table")
        process = load.start(*arguments, "--open-rate", "500", "OpenLoop")
        until(lambda: load.wrote(process))
        os.kill(pid, signal.SIGSTOP)
        said, _ = process.communicate(timeout=60)
        os.kill(pid, signal.SIGCONT)

    assert process.returncode == 1, said
    refused = [one for one in load.table("table") if one["name"].endswith("backlog")]
    assert sum(one["num_failures"] for one in refused) > 0
    assert "refused as backlog" in said


def test_an_open_loop_keeps_its_rate_and_its_times_count_from_when_each_was_due(
    load: Locusts,
) -> None:
    code, said = load.run("-t", "4", "--open-rate", "30", "OpenLoop", users=2)
    samples = load.samples

    assert code == 0, said
    # Two users with 30 arrivals per second; a Poisson process of 240 is within 30 % of it.
    assert len(samples) == pytest.approx(2 * 30 * 4, rel=0.3)
    # A timer is never early, and hardly ever to the nanosecond.
    assert all(one.intended_start_s < one.start_s for one in samples)
    assert len({one.intended_start_s for one in samples}) == len(samples)
    assert "Open loop: " in said


def test_locust_and_the_recorder_agree_on_a_hit_within_the_floor_of_the_client(
    load: Locusts, targets: Mapping[str, str]
) -> None:
    url = targets["FIVEFOLD_CACHED"]
    member = Crowd(url).member(0)
    with Connection(url) as connection:
        arm = Arm(
            variant="cached",
            connection=connection,
            requests={"list": [prepare(connection, read_list, member)]},
            empty_cache=lambda: None,
            pid=0,
        )
        frame = Frame(scenario=SCENARIOS["hits"], regime="native", origin_ns=0)
        recorded = [
            sample
            for number in range(10)
            for sample in run_block(arm, Block(number, number, number, "cached"), frame, amount=10)
        ]
    floors = [client_floor(url)]
    only_cached = {"FIVEFOLD_CACHED": url, "FIVEFOLD_THINK_SECONDS": "0.005"}
    with locusts(load.folder, only_cached) as alone:
        code, said = alone.run("-t", "4", "WarmReads", users=1)
    floors.append(client_floor(url))

    assert code == 0, said
    assert {one.outcome for one in (*recorded, *alone.samples)} == {"hit"}
    # Whatever else the machine does only adds to the quickest.
    by_locust, by_recorder = (
        1000 * min(one.duration_s for one in samples) for samples in (alone.samples, recorded)
    )
    added_ms = max(floor["added_ms"] for floor in floors if floor)
    assert 0 < by_locust - by_recorder < SOME_FLOORS * added_ms
