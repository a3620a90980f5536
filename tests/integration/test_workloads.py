"""The mixes on real services: every variant answers alike, and hits as often as is possible."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from benchmarks.analysis.quantities.prediction import ideal_hits
from benchmarks.analysis.quantities.workloads import WorkloadResult, workloads
from benchmarks.measure.sessions import Frame, RunningVariant, interleave, run_block, warm_up
from benchmarks.runner.dependencies import Dependencies, connect_mongo
from benchmarks.runner.services import RunContext, ServiceSpec, running_variants
from benchmarks.scenarios import SCENARIOS, Scenario
from benchmarks.scenarios.actions import READS, READS_AND_WRITES
from benchmarks.scenarios.base import USUAL, Setting
from benchmarks.stack.dataset import make_dataset
from benchmarks.stack.embedded import Stack, open_stack
from benchmarks.storage.records import Sample
from benchmarks.variants.registry import VARIANTS, Variant
from tests.patient import PATIENT
from tests.unit.benchmarks.simulate import group_of, scenario, variants

# Three services are started for each setting, beside whatever else the machine does.
pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]

USERS = 10
OBSERVATIONS = 2
IN_THE_USUAL_SETTING = ("uniform", "zipf", "mostly-reads", "half-writes", "latest")
COMPARED = tuple(VARIANTS[name] for name in ("uncached", "cached", "naive"))


@dataclass(frozen=True, kw_only=True)
class MixSamples:
    """The samples of one mix on several variants."""

    scenario: Scenario
    variants: Sequence[str]
    samples: Sequence[Sample]

    def blocks(self, variant: str) -> list[list[Sample]]:
        return [
            [each for each in self.samples if (each.variant, each.observation) == (variant, number)]
            for number in range(OBSERVATIONS)
        ]

    def hits(self, variant: str) -> list[int]:
        return [sum(each.outcome == "hit" for each in block) for block in self.blocks(variant)]

    def most_hits(self, variant: str) -> list[int]:
        return [ideal_hits(block, self.scenario.changes) for block in self.blocks(variant)]

    def answers(self, variant: str) -> list[tuple[int, str, int, str]]:
        return [
            (each.user, each.action, each.status, each.body_hash)
            for block in self.blocks(variant)
            for each in block
        ]

    def workload(self, variant: str) -> WorkloadResult:
        changing = sorted(self.scenario.changes)
        group = group_of(
            self.samples,
            scenarios=[scenario(self.scenario.name, kind="mix", requests=0, changing=changing)],
            variants=variants(*self.variants),
        )
        every = workloads(
            group,
            scenario=self.scenario,
            users=USERS,
            caching=set(self.variants) - {"uncached"},
        )
        return next(each for each in every if each.variant == variant)


def measure(name: str, running: Sequence[RunningVariant], *, operations: int) -> MixSamples:
    """Run a mix on every variant; each has to answer every operation like the others."""
    scenario = SCENARIOS[name]
    by_name = {each.variant: each for each in running}
    frame = Frame(scenario=scenario, regime="native", origin_ns=0, seed=1)
    samples = [
        each
        for block in interleave(list(by_name), observations=OBSERVATIONS, seed=name)
        for each in run_block(by_name[block.variant], block, frame, amount=operations)
    ]
    measured = MixSamples(scenario=scenario, variants=list(by_name), samples=samples)
    for variant in by_name:
        assert measured.answers(variant) == measured.answers("uncached")
    return measured


@pytest.fixture(scope="module")
def stack(servers: Stack) -> Iterator[Stack]:
    """Start a Redis that holds nothing, which that of all tests may not."""
    with ExitStack() as cleanup:
        with warnings.catch_warnings():
            warnings.simplefilter("default", RuntimeWarning)
            named = {"MONGODB_URL": servers.mongo.url}
            stack = cleanup.enter_context(open_stack(environ=named, redis=True))
        yield stack


@contextmanager
def variants_in(
    stack: Stack, logs: Path, setting: Setting, variants: Sequence[Variant] = COMPARED
) -> Iterator[list[RunningVariant]]:
    mongo = connect_mongo(stack.mongo.url)
    dataset = make_dataset(
        seed=1,
        users=USERS,
        todos_per_user=5,
        payload_bytes=20,
        empty_share=setting.empty_share,
    )
    patient = replace(setting, env=(*setting.env, *PATIENT.items()))
    try:
        with running_variants(
            variants,
            dataset,
            spec=ServiceSpec(
                actions=READS if setting.empty_share else READS_AND_WRITES, setting=patient
            ),
            context=RunContext(stack=stack, mongo=mongo, label="mix", logs=logs),
            dependencies=Dependencies(),
        ) as running:
            for each in running:
                warm_up(each, SCENARIOS["zipf"], amount=20)
            yield running
    finally:
        mongo.close()


@pytest.fixture(scope="module")
def usual(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, MixSamples]:
    with variants_in(stack, tmp_path_factory.mktemp("usual"), USUAL) as running:
        return {name: measure(name, running, operations=80) for name in IN_THE_USUAL_SETTING}


@pytest.mark.parametrize("name", IN_THE_USUAL_SETTING)
def test_a_mix_is_answered_alike_and_hits_as_often_as_an_ideal_cache_and_as_predicted(
    name: str, usual: Mapping[str, MixSamples]
) -> None:
    measured = usual[name]

    assert {each.status for each in measured.samples} == {200}
    assert measured.hits("uncached") == [0] * OBSERVATIONS
    assert measured.hits("cached") == measured.most_hits("cached")
    # Whoever deletes after writes is right as long as nobody else is there.
    assert measured.hits("naive") == measured.most_hits("naive")
    workload = measured.workload("cached")
    for slot in workload.slots.values():
        assert slot.measured == pytest.approx(slot.predicted, abs=0.05)
    assert workload.speedup is not None


def test_an_empty_list_is_a_hit(stack: Stack, tmp_path: Path) -> None:
    setting = SCENARIOS["empty-lists"].setting
    with variants_in(stack, tmp_path, setting, variants=COMPARED[:2]) as running:
        measured = measure("empty-lists", running, operations=60)

    assert measured.hits("cached") == measured.most_hits("cached")


def test_lists_that_expire_hit_less_often(stack: Stack, tmp_path: Path) -> None:
    setting = SCENARIOS["ttl-bound"].setting
    with variants_in(stack, tmp_path, setting, variants=COMPARED[:2]) as running:
        measured = measure("ttl-bound", running, operations=150)

    pairs = zip(measured.hits("cached"), measured.most_hits("cached"), strict=True)
    assert all(hits < most for hits, most in pairs)


def test_without_the_index_the_answers_and_the_hits_stay(stack: Stack, tmp_path: Path) -> None:
    client: MongoClient[dict[str, Any]] = MongoClient(stack.mongo.url)
    setting = SCENARIOS["unindexed"].setting
    with client, variants_in(stack, tmp_path, setting, variants=COMPARED[:2]) as running:
        measured = measure("unindexed", running, operations=40)
        indexes = [list(client[each.database]["todos"].index_information()) for each in running]

    assert not any(name.startswith("user_id_1__id_1") for names in indexes for name in names)
    assert measured.hits("cached") == measured.most_hits("cached")
