"""What the harness says where the answer is known: of nothing, nothing; of a delay, the delay."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from rich.progress import Progress

from benchmarks.analysis.quantities.blocks import block_means_ms
from benchmarks.analysis.quantities.noise import against_itself
from benchmarks.comparison.case import CaseMeasurement
from benchmarks.comparison.schedule import slowed
from benchmarks.measure.sessions import RunningVariant, warm_up
from benchmarks.runner.dependencies import Dependencies
from benchmarks.runner.profiles import BlockPlan, Case
from benchmarks.runner.services import RunContext, ServiceSpec, running_variants
from benchmarks.scenarios import SCENARIOS
from benchmarks.scenarios.actions import READS
from benchmarks.stack.dataset import make_dataset
from benchmarks.stack.embedded import Stack, open_stack
from benchmarks.storage.records import AGAIN, NOISE, Sample
from benchmarks.storage.run_folder import Run
from benchmarks.variants.registry import VARIANTS
from tests.patient import start_patient

NAMES = ("uncached", "cached")

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]


@pytest.fixture(name="place", scope="module")
def _place(servers: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunContext]:
    with open_stack(environ={"MONGODB_URL": servers.mongo.url}) as stack:
        mongo = Dependencies().connect_mongo(stack.mongo.url)
        logs = tmp_path_factory.mktemp("logs")
        yield RunContext(stack=stack, mongo=mongo, label="itself", logs=logs)
        mongo.close()


@pytest.fixture(name="arms", scope="module")
def _arms(place: RunContext) -> Iterator[Sequence[RunningVariant]]:
    dataset = make_dataset(seed=1, users=4, todos_per_user=5, payload_bytes=50)
    variants = [VARIANTS[name] for name in NAMES]
    with running_variants(
        variants,
        dataset,
        wanted=ServiceSpec(actions=READS),
        place=place,
        tools=Dependencies(start_service=start_patient),
    ) as arms:
        for arm in arms:
            warm_up(arm, SCENARIOS["session"], amount=20)
        yield arms


def measure(
    place: RunContext,
    arms: Sequence[RunningVariant],
    folder: Path,
    regime: str,
    *,
    pairs: int,
    seed: int = 0,
) -> list[Sample]:
    run = Run.create(folder, "quick", datetime(2026, 1, 1, tzinfo=UTC))
    measurement = CaseMeasurement(
        scenarios=SCENARIOS,
        twinned=NAMES,
        controls=False,
        seed=seed,
        tools=Dependencies(),
        run=run,
        slowed=partial(slowed, place.mongo.get_database("admin"), None),
        restart=0,
        origin_ns=time.perf_counter_ns(),
    )
    with Progress(disable=True) as progress:
        measurement.measure(
            Case(scenario="session", regime=regime, plan=BlockPlan(pairs, 1)), arms, progress
        )
    return run.samples()


def test_every_variant_is_compared_with_itself(
    place: RunContext, arms: Sequence[RunningVariant], tmp_path: Path
) -> None:
    samples = measure(place, arms, tmp_path, NOISE, pairs=10)
    counts = Counter(sample.variant for sample in samples)

    # What comes out depends on the machine; tests/unit/benchmarks/analysis has simulated ones.
    assert len(against_itself(samples)) == len(NAMES)
    assert all(counts[name] == counts[name + AGAIN] > 0 for name in NAMES)


@pytest.mark.usefixtures("delayable")
def test_an_injected_delay_appears_in_what_the_client_sees(
    place: RunContext, arms: Sequence[RunningVariant], tmp_path: Path
) -> None:
    samples = measure(place, arms, tmp_path, "db+20ms", pairs=4)

    # Whatever else the machine does only adds to it.
    assert min(block_means_ms(samples, "uncached")) >= 20
