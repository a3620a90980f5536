"""What the harness says where the answer is known: of nothing, nothing; of a delay, the delay."""

import os
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from rich.progress import Progress

from benchmarks.analysis.blocks import block_means_ms
from benchmarks.analysis.guards import noise
from benchmarks.arms import Place, Wanted, running_arms
from benchmarks.dataset import make_dataset
from benchmarks.measure.sessions import Arm, warm_up
from benchmarks.part import Measurement
from benchmarks.profiles import BlockPlan, Part
from benchmarks.programme import slowed
from benchmarks.records import NATIVE, NOISE, Sample
from benchmarks.runs import Run
from benchmarks.scenarios import SCENARIOS
from benchmarks.scenarios.actions import READS
from benchmarks.stack.embedded import Stack, open_stack
from benchmarks.tools import Tools
from benchmarks.variants import VARIANTS

RUNS = 20 if os.environ.get("STATEFUL_PROFILE") == "long" else 10
NAMES = ("uncached", "cached")

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]


@pytest.fixture(name="place", scope="module")
def _place(servers: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with open_stack(environ={"MONGODB_URL": servers.mongo.url}) as stack:
        mongo = Tools().connect_mongo(stack.mongo.url)
        logs = tmp_path_factory.mktemp("logs")
        yield Place(stack=stack, mongo=mongo, label="itself", logs=logs)
        mongo.close()


@pytest.fixture(name="arms", scope="module")
def _arms(place: Place) -> Iterator[Sequence[Arm]]:
    dataset = make_dataset(seed=1, users=4, todos_per_user=5, payload_bytes=50)
    variants = [VARIANTS[name] for name in NAMES]
    with running_arms(
        variants, dataset, wanted=Wanted(actions=READS), place=place, tools=Tools()
    ) as arms:
        for arm in arms:
            warm_up(arm, SCENARIOS["session"], amount=20)
        yield arms


def measure(
    place: Place, arms: Sequence[Arm], folder: Path, regime: str, *, pairs: int, seed: int = 0
) -> list[Sample]:
    run = Run.create(folder, "quick", datetime(2026, 1, 1, tzinfo=UTC))
    measurement = Measurement(
        scenarios=SCENARIOS,
        twinned=NAMES,
        controls=False,
        seed=seed,
        tools=Tools(),
        run=run,
        slowed=partial(slowed, place.mongo.get_database("admin"), None),
        restart=0,
        origin_ns=time.perf_counter_ns(),
    )
    with Progress(disable=True) as progress:
        measurement.measure(
            Part(scenario="session", regime=regime, plan=BlockPlan(pairs, 1)), arms, progress
        )
    return run.samples()


def test_in_many_runs_a_variant_is_never_different_from_itself(
    place: Place, arms: Sequence[Arm], tmp_path: Path
) -> None:
    found = [
        each.finding()
        for number in range(RUNS)
        for each in noise(measure(place, arms, tmp_path, NOISE, pairs=10, seed=number))
    ]

    assert len(found) == RUNS * len(NAMES)
    assert "different" not in found


@pytest.mark.usefixtures("delayable")
def test_an_injected_delay_appears_in_what_the_client_sees(
    place: Place, arms: Sequence[Arm], tmp_path: Path
) -> None:
    samples = {
        regime: measure(place, arms, tmp_path, regime, pairs=8) for regime in (NATIVE, "db+20ms")
    }

    native, slow = (
        sorted(block_means_ms(samples[regime], "uncached"))[4] for regime in (NATIVE, "db+20ms")
    )
    # Half of the delay is left to a machine that is busy with something else by turns.
    assert slow - native > 10
