"""Drive the operations of a block against one variant and keep what was seen."""

import hashlib
import random
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from benchmarks.measure.client import (
    NS_PER_S,
    Connection,
    Response,
    outcome_of,
    slots_of,
    timings_of,
)
from benchmarks.scenarios.base import Ask, Draw, Operation, Scenario
from benchmarks.storage.records import Outcome, Sample

if TYPE_CHECKING:
    from redis import Redis


@dataclass(frozen=True, slots=True)
class Block:
    """A short slice of load on one variant.

    The blocks of one turn meet the same operations; one turn or several make an observation.
    """

    number: int
    observation: int
    turn: int
    variant: str


def interleave(
    variants: Sequence[str],
    *,
    observations: int,
    seed: str,
    turns: int = 1,
    once: Collection[str] = (),
) -> list[Block]:
    """Return the blocks of a regime in a random order that balances drift.

    Turns go in twos: a random order of the variants, then its reverse, which is ABBA or BAAB for
    two variants. So over every two turns each variant has the same mean place in time, and a
    machine that slowly speeds up or slows down favours none of them (Abedi and Brecht, "Conducting
    repeatable experiments in highly variable cloud computing environments", ICPE 2017, on why
    separate runs of each variant deceive). The shorter the turns, the faster the changes that
    cancel. Variants in ``once`` have one block in an observation however many turns it has, in
    another turn each time. The same seed gives the same order.
    """
    rng = random.Random(seed)  # noqa: S311 - an order, not a secret
    blocks: list[Block] = []
    for turn in range(observations * turns):
        if turn % 2 == 0:
            order = rng.sample(list(variants), len(variants))
        else:
            order.reverse()
        observation, position = divmod(turn, turns)
        has_all = position == observation % turns
        taking = [variant for variant in order if has_all or variant not in once]
        blocks += [
            Block(number, observation, turn, variant)
            for number, variant in enumerate(taking, start=len(blocks))
        ]
    return blocks


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningVariant:
    """A running variant, ready to be measured.

    ``requests`` holds the prepared request of each user by action; ``empty_cache`` makes the next
    operations start cold.
    """

    variant: str
    connection: Connection
    requests: Mapping[str, Sequence[bytes]]
    empty_cache: Callable[[], object] = lambda: None
    pid: int = 0
    """The process id of the service, where it is ours."""
    outcome: Callable[[Mapping[str, str]], Outcome] = lambda headers: outcome_of(
        headers.get("cache-status")
    )
    """The outcome of a cache by the headers of an answer."""
    comparable: Callable[[Response], bytes] | None = None
    """The part of an answer that must be the same everywhere, in place of the scenario's."""
    answered: Callable[[Sample, Response], None] = lambda *_: None
    """Is told each recorded request and its answer once their block is over."""
    database: str = ""
    """The name of its database in MongoDB."""
    cache: "Redis | None" = None
    """Its database in Redis."""

    @property
    def reads(self) -> Sequence[bytes]:
        """Return the read of the todo list of each user."""
        return self.requests["list"]

    @property
    def users(self) -> int:
        """Return how many users are logged in."""
        return len(next(iter(self.requests.values())))


def prepare(
    connection: Connection,
    asks: Mapping[str, Sequence[Ask]],
    headers: Mapping[str, str] | None = None,
) -> dict[str, list[bytes]]:
    """Return the bytes of each request by action; ``headers`` are of all of them.

    Raises ``ValueError`` for what HTTP cannot say.
    """

    def request(ask: Ask) -> bytes:
        sent = {**(headers or {}), **ask.headers}
        return connection.prepare(ask.method, ask.path, headers=sent, body=ask.body)

    return {name: [request(ask) for ask in each] for name, each in asks.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The common fields of a regime's samples; times count from ``origin_ns``."""

    scenario: Scenario
    regime: str
    origin_ns: int
    restart: int = 0
    seed: int = 0
    clock_ns: Callable[[], int] = time.perf_counter_ns
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class _Answered:
    operation: Operation
    response: Response
    intended_ns: int


def run_block(running: RunningVariant, block: Block, frame: Frame, *, amount: int) -> list[Sample]:
    """Run a block's sessions, or a mix's operations, from an emptied cache.

    A block of the same turn meets the same operations in every variant. Raises ``ClientError``.
    """
    running.empty_cache()
    rng = random.Random(f"{frame.seed} {frame.scenario.name} {block.turn}")  # noqa: S311
    given = Draw(users=running.users, amount=amount, turn=block.turn, rng=rng)
    answered = _drive(running, list(frame.scenario.draw(given)), frame)
    indices: dict[int, count[int]] = {}
    samples = [
        _sample(
            each,
            frame,
            running,
            block,
            index=next(indices.setdefault(each.operation.session, count())),
        )
        for each in answered
    ]
    for sample, each in zip(samples, answered, strict=True):
        running.answered(sample, each.response)
    return samples


def warm_up(running: RunningVariant, scenario: Scenario, *, amount: int) -> None:
    """Run operations that are thrown away, so that code paths and connections are warm.

    It is the process that is warmed, not the cache: every block empties that.
    """
    running.empty_cache()
    rng = random.Random(f"warm-up {scenario.name}")  # noqa: S311 - an order, not a secret
    given = Draw(users=running.users, amount=amount, turn=0, rng=rng)
    for operation in scenario.draw(given):
        running.connection.send(running.requests[operation.action][operation.user])


def _drive(
    running: RunningVariant, operations: Iterable[Operation], frame: Frame
) -> list[_Answered]:
    # Nothing but the requests happens in here; headers and bodies are looked at afterwards.
    send, requests, answered = running.connection.send, running.requests, []
    schedule = _due_ns(frame, frame.scenario.rate) if frame.scenario.rate else None
    session, due_ns = -1, None
    for operation in operations:
        request = requests[operation.action][operation.user]
        if operation.wait_s:
            frame.sleep(operation.wait_s)
            due_ns = None
        if not operation.counted:
            send(request)
            continue
        if schedule is not None:
            due_ns = next(schedule)
        elif operation.session != session:
            session, due_ns = operation.session, None
        response = send(request)
        intended_ns = response.start_ns if due_ns is None else due_ns
        answered.append(_Answered(operation, response, intended_ns))
        due_ns = response.start_ns + response.duration_ns
    return answered


def _due_ns(frame: Frame, rate: float) -> Iterator[int]:
    """Yield when each operation is due, at that moment or, if it is late, now."""
    started_ns = None
    for number in count():
        now_ns = frame.clock_ns()
        if started_ns is None:
            started_ns = now_ns
        due_ns = started_ns + round(number * NS_PER_S / rate)
        if due_ns > now_ns:
            frame.sleep((due_ns - now_ns) / NS_PER_S)
        yield due_ns


def _sample(
    answered: _Answered, frame: Frame, running: RunningVariant, block: Block, *, index: int
) -> Sample:
    response, operation = answered.response, answered.operation
    timings = timings_of(response.headers.get("server-timing"))
    status = response.headers.get("cache-status")
    changes = operation.action in frame.scenario.changes
    if running.comparable is None:
        body = frame.scenario.comparable(response.body)
    else:
        body = running.comparable(response)
    return Sample(
        scenario=frame.scenario.name,
        regime=frame.regime,
        restart=frame.restart,
        observation=block.observation,
        block=block.number,
        variant=block.variant,
        session=operation.session,
        user=operation.user,
        index=index,
        action=operation.action,
        outcome="write" if changes else running.outcome(response.headers),
        slots=slots_of(status),
        intended_start_s=(answered.intended_ns - frame.origin_ns) / NS_PER_S,
        start_s=(response.start_ns - frame.origin_ns) / NS_PER_S,
        duration_s=response.duration_ns / NS_PER_S,
        status=response.status,
        body_hash=hashlib.blake2b(body, digest_size=8).hexdigest(),
        db_ms=timings.get("db"),
        cache_ms=timings.get("cache"),
        app_ms=timings.get("app"),
    )
