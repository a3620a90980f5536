import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.coherence.clients import request
from benchmarks.measure.client import Connection
from benchmarks.measure.sessions import Block, Frame, RunningVariant, interleave, run_block, warm_up
from benchmarks.scenarios.actions import PASSWORD, READS
from benchmarks.scenarios.base import Operation, Scenario, repeat
from benchmarks.stack.dataset import Dataset, make_dataset, write_dataset
from tests.unit.benchmarks.fake_dependencies import Fakes
from tests.unit.benchmarks.fake_servers import FakeRedis

AB = ("uncached", "cached")
ABC = ("uncached", "cached", "naive")


def orders(variants: tuple[str, ...], observations: int, seed: str) -> list[tuple[str, ...]]:
    blocks = interleave(variants, observations=observations, seed=seed)
    return [
        tuple(block.variant for block in group)
        for _, group in itertools.groupby(blocks, key=lambda block: block.observation)
    ]


def test_two_variants_take_turns_as_abba_or_baab() -> None:
    turns = orders(AB, 40, "1")
    quads = {turns[i] + turns[i + 1] for i in range(0, 40, 2)}

    assert quads == {AB + AB[::-1], AB[::-1] + AB}


@pytest.mark.parametrize("variants", [AB, ABC])
def test_an_observation_has_one_block_of_every_variant_with_the_same_mean_number_for_each(
    variants: tuple[str, ...],
) -> None:
    for seed in "123":
        blocks = interleave(variants, observations=20, seed=seed)
        numbers = Counter[str]()
        for block in blocks:
            numbers[block.variant] += block.number

        assert len(set(numbers.values())) == 1
        assert Counter((block.observation, block.variant) for block in blocks) == Counter(
            itertools.product(range(20), variants)
        )
        assert [block.number for block in blocks] == list(range(len(blocks)))


def test_more_than_two_variants_come_in_every_order_that_follows_from_the_seed() -> None:
    assert len(set(orders(ABC, 60, "1"))) == 6
    assert orders(AB, 20, "1") == orders(AB, 20, "1")
    assert orders(AB, 20, "1") != orders(AB, 20, "2")


def test_several_turns_are_one_observation() -> None:
    blocks = interleave(AB, observations=3, turns=4, seed="1")

    assert [(block.observation, block.turn) for block in blocks[::2]] == [
        (turn // 4, turn) for turn in range(12)
    ]
    assert {block.variant for block in blocks[:2]} == set(AB)
    for turn in range(0, 12, 2):
        abba = [block.variant for block in blocks if block.turn in (turn, turn + 1)]
        assert abba == abba[::-1]


def test_a_variant_that_is_wanted_once_has_one_block_an_observation() -> None:
    blocks = interleave(ABC, observations=8, turns=4, seed="1", once=["naive"])

    rare = [block for block in blocks if block.variant == "naive"]
    assert [block.observation for block in rare] == list(range(8))
    assert [block.turn % 4 for block in rare] == [0, 1, 2, 3] * 2
    assert Counter(block.variant for block in blocks) == {"uncached": 32, "cached": 32, "naive": 8}
    assert [block.number for block in blocks] == list(range(72))


COLD = Scenario(name="session", purpose="", actions=READS, draw=repeat("list", times=3), requests=3)
WARM = replace(COLD, name="hits", draw=repeat("list", times=3, primed="session"))
WRITES = replace(
    COLD,
    name="writes",
    draw=repeat("complete", times=3, primed="request"),
    changes=frozenset({"complete"}),
)
FRAME = Frame(scenario=COLD, regime="native", origin_ns=1_000)
BLOCK = Block(0, 0, 0, "cached")
REDIS = "redis://r:1/0"


@pytest.fixture(name="fakes")
def _fakes(tmp_path: Path) -> Fakes:
    return Fakes(folder=tmp_path)


@pytest.fixture(name="cache")
def _cache(fakes: Fakes) -> FakeRedis:
    found: FakeRedis = fakes.connect_redis(REDIS)
    return found


@pytest.fixture(name="data")
def _data() -> Dataset:
    return make_dataset(seed=1, users=4, todos_per_user=1, payload_bytes=5)


@pytest.fixture(name="running")
def _running(fakes: Fakes, cache: FakeRedis, data: Dataset) -> Iterator[RunningVariant]:
    write_dataset(data, fakes.mongo.get_database("d"))
    ticks = itertools.count(1_000, 10)
    with (
        fakes.start_service(database="d", redis_url=REDIS) as service,
        Connection(service.url, clock_ns=lambda: next(ticks)) as connection,
    ):
        with Connection(service.url) as other:
            for email in data.emails:
                login = {"email": email, "password": PASSWORD}
                other.send(request("POST", "/auth/login", body=login))
        # The fake service gives the e-mail as the token.
        reads = [request("GET", "/todo/", token=email) for email in data.emails]
        yield RunningVariant(
            variant="cached",
            connection=connection,
            requests={"list": reads},
            empty_cache=cache.flushdb,
            pid=service.process.pid,
        )


@pytest.fixture(name="writing")
def _writing(running: RunningVariant, data: Dataset) -> RunningVariant:
    """Return the variant with a request that changes each user's one todo."""
    return replace(
        running,
        requests={
            **running.requests,
            "complete": [
                request("PUT", f"/todo/{todo['_id']}", token=email, body={})
                for email, todo in zip(data.emails, data.todos, strict=True)
            ],
        },
    )


def test_every_session_of_a_block_is_a_miss_and_then_hits_also_after_a_warm_up(
    running: RunningVariant, cache: FakeRedis
) -> None:
    warm_up(running, COLD, amount=9)
    left = cache.dbsize()
    samples = run_block(running, BLOCK, FRAME, amount=4)

    assert left == 4
    assert [sample.outcome for sample in samples] == ["miss", "hit", "hit"] * 4
    assert [sample.user for sample in samples[::3]] == [0, 1, 2, 3]
    # The first read of a primed session is not recorded.
    primed = run_block(running, BLOCK, replace(FRAME, scenario=WARM), amount=2)
    assert [sample.outcome for sample in primed] == ["hit"] * 6
    assert [sample.index for sample in primed] == [0, 1, 2] * 2
    # Blocks of one observation meet the same users, and the next one others.
    blocks = (BLOCK, Block(1, 0, 0, "uncached"), Block(2, 1, 1, "cached"))
    users = [{each.user for each in run_block(running, block, FRAME, amount=2)} for block in blocks]
    assert users == [{0, 1}, {0, 1}, {2, 3}]


def test_every_write_meets_a_filled_cache_and_is_recorded_as_a_write(
    writing: RunningVariant, fakes: Fakes
) -> None:
    samples = run_block(writing, BLOCK, replace(FRAME, scenario=WRITES), amount=2)

    assert [sample.outcome for sample in samples] == ["write"] * 6
    assert {sample.status for sample in samples} == {200}
    assert fakes.services[0].dropped == 6


def test_of_an_answer_its_times_and_what_the_service_says_are_kept(
    running: RunningVariant,
) -> None:
    miss, hit, third = run_block(running, BLOCK, FRAME, amount=1)

    # Times count from the origin, and the intended start is the end before.
    assert (miss.start_s, miss.intended_start_s, miss.duration_s) == (0.0, 0.0, 1e-8)
    assert (hit.intended_start_s, hit.start_s) == (1e-8, 2e-8)
    assert third.index == 2
    assert (miss.db_ms, hit.db_ms, hit.cache_ms, hit.app_ms) == (1.0, 0.0, 0.1, 0.5)
    assert (miss.status, miss.body_hash) == (200, hit.body_hash)
    assert (miss.slots, hit.slots) == ("todos=miss user=miss", "todos=hit user=hit")
    assert (miss.action, miss.restart) == ("list", 0)


def test_with_a_rate_operations_start_on_a_schedule_and_late_ones_at_once(
    running: RunningVariant,
) -> None:
    paced = replace(
        COLD, kind="mix", rate=1e6, draw=lambda _: [Operation(0, "list"), Operation(1, "list")]
    )
    clock, slept = itertools.count(0, 400), list[float]()
    frame = replace(FRAME, scenario=paced, clock_ns=lambda: next(clock), sleep=slept.append)

    samples = run_block(running, BLOCK, frame, amount=2)

    # The second is due 1000 ns after the first, and the clock says 400 when it is asked.
    assert [sample.intended_start_s for sample in samples] == [-1e-06, 0.0]
    assert slept == [pytest.approx(6e-07)]
