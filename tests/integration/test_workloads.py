"""The mixes on real services: every variant answers alike, and hits as often as is possible."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from benchmarks.analysis.checks.answers import ideal_hits
from benchmarks.measure.sessions import Frame, RunningVariant, interleave, run_block, warm_up
from benchmarks.runner.services import (
    Dependencies,
    RunContext,
    ServiceSpec,
    connect_mongo,
    running_variants,
)
from benchmarks.scenarios import SCENARIOS
from benchmarks.scenarios.actions import READS, READS_AND_WRITES
from benchmarks.scenarios.base import USUAL, Setting
from benchmarks.stack.dataset import make_dataset
from benchmarks.stack.embedded import Stack, open_stack
from benchmarks.storage.records import Sample
from benchmarks.variants.registry import VARIANTS, Variant
from tests.patient import PATIENT

# Three services are started for each setting, beside whatever else the machine does.
pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]

USERS = 10
OBSERVATIONS = 2
IN_THE_USUAL_SETTING = ("uniform", "zipf", "mostly-reads", "half-writes", "latest")
COMPARED = tuple(VARIANTS[name] for name in ("uncached", "cached", "naive"))


Blocks = Mapping[str, Sequence[Sequence[Sample]]]
"""The samples of each block, by variant."""


def measure(name: str, running: Sequence[RunningVariant], *, operations: int) -> Blocks:
    """Run a mix on every variant; each has to answer every operation like the others."""
    by_name = {each.variant: each for each in running}
    frame = Frame(scenario=SCENARIOS[name], regime="native", origin_ns=0, seed=1)
    blocks: dict[str, list[list[Sample]]] = {variant: [] for variant in by_name}
    for block in interleave(list(by_name), observations=OBSERVATIONS, seed=name):
        samples = run_block(by_name[block.variant], block, frame, amount=operations)
        blocks[block.variant].append(samples)
    answers = {variant: [*map(answer, chain(*found))] for variant, found in blocks.items()}
    assert [variant for variant in answers if answers[variant] != answers["uncached"]] == []
    return blocks


def answer(sample: Sample) -> tuple[int, str, int, str]:
    return sample.user, sample.action, sample.status, sample.body_hash


def hits(blocks: Sequence[Sequence[Sample]]) -> list[int]:
    return [sum(each.outcome == "hit" for each in block) for block in blocks]


def most_hits(name: str, blocks: Sequence[Sequence[Sample]]) -> list[int]:
    return [ideal_hits(block, SCENARIOS[name].changes) for block in blocks]


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
def usual(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Blocks]:
    with variants_in(stack, tmp_path_factory.mktemp("usual"), USUAL) as running:
        return {name: measure(name, running, operations=80) for name in IN_THE_USUAL_SETTING}


@pytest.mark.parametrize("name", IN_THE_USUAL_SETTING)
def test_a_mix_is_answered_alike_and_hits_as_often_as_an_ideal_cache(
    name: str, usual: Mapping[str, Blocks]
) -> None:
    found = usual[name]

    assert {each.status for blocks in found.values() for each in chain(*blocks)} == {200}
    assert hits(found["uncached"]) == [0] * OBSERVATIONS
    # Whoever deletes after writes is right as long as nobody else is there.
    for variant in ("cached", "naive"):
        assert hits(found[variant]) == most_hits(name, found[variant])


def measured_alone(
    name: str, stack: Stack, logs: Path, operations: int
) -> tuple[Blocks, list[Any]]:
    """Run a mix in the setting that it needs; return also the indexes of each variant's todos."""
    client: MongoClient[dict[str, Any]] = MongoClient(stack.mongo.url)
    setting = SCENARIOS[name].setting
    with client, variants_in(stack, logs, setting, variants=COMPARED[:2]) as running:
        found = measure(name, running, operations=operations)
        return found, [[*client[each.database]["todos"].index_information()] for each in running]


def test_lists_that_expire_hit_less_often(stack: Stack, tmp_path: Path) -> None:
    found, _ = measured_alone("ttl-bound", stack, tmp_path, 150)

    pairs = zip(hits(found["cached"]), most_hits("ttl-bound", found["cached"]), strict=True)
    assert all(some < most for some, most in pairs)


@pytest.mark.parametrize(("name", "indexed"), [("empty-lists", True), ("unindexed", False)])
def test_an_empty_list_is_a_hit_and_without_the_index_the_answers_and_the_hits_stay(
    name: str, *, indexed: bool, stack: Stack, tmp_path: Path
) -> None:
    found, indexes = measured_alone(name, stack, tmp_path, 60)

    assert hits(found["cached"]) == most_hits(name, found["cached"])
    assert [("user_id_1__id_1" in names) for names in indexes] == [indexed] * 2
