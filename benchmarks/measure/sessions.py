"""Drive the sessions of a block against one variant and keep what was seen."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.measure.blocks import Block
from benchmarks.measure.client import Connection, Response
from benchmarks.measure.headers import outcome_of, timings_of
from benchmarks.records import Sample
from benchmarks.scenarios import Scenario

NS_PER_S = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """A running variant, ready to be measured.

    ``requests`` holds the prepared request of each user, ``reads`` the read of the todo list that
    primes a user's cache; ``empty_cache`` makes the next sessions start cold.
    """

    variant: str
    connection: Connection
    requests: Sequence[bytes]
    reads: Sequence[bytes]
    empty_cache: Callable[[], None]
    pid: int
    """The process id of the service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What the samples of a regime have in common."""

    scenario: Scenario
    regime: str
    origin_ns: int  # the moment all times are counted from


def run_block(arm: Arm, block: Block, frame: Frame, *, sessions: int) -> list[Sample]:
    """Run a block's sessions from an emptied cache, each with a user of its own.

    A block of the same observation meets the same users in every variant. The arm needs at least
    ``sessions`` users. Raises ``ClientError``.
    """
    arm.empty_cache()
    samples: list[Sample] = []
    for session in range(sessions):
        user = (block.observation * sessions + session) % len(arm.requests)
        responses = _run_session(arm, user, frame.scenario)
        intended_ns = responses[0].start_ns
        for index, response in enumerate(responses):
            samples.append(
                _sample(
                    response,
                    frame,
                    block,
                    session=session,
                    user=user,
                    index=index,
                    intended_ns=intended_ns,
                )
            )
            intended_ns = response.start_ns + response.duration_ns
    return samples


def warm_up(arm: Arm, scenario: Scenario, *, sessions: int) -> None:
    """Run sessions that are thrown away, so that code paths and connections are warm.

    It is the process that is warmed, not the cache: every block empties that.
    """
    arm.empty_cache()
    for session in range(sessions):
        _run_session(arm, session % len(arm.requests), scenario)


def _run_session(arm: Arm, user: int, scenario: Scenario) -> list[Response]:
    # Nothing but the requests happens in here; headers and bodies are looked at afterwards.
    send, request, read = arm.connection.send, arm.requests[user], arm.reads[user]
    if scenario.primed == "session":
        send(read)
    responses = []
    for _ in range(scenario.requests):
        if scenario.primed == "request":
            send(read)
        responses.append(send(request))
    return responses


def _sample(
    response: Response,
    frame: Frame,
    block: Block,
    *,
    session: int,
    user: int,
    index: int,
    intended_ns: int,
) -> Sample:
    timings = timings_of(response.headers.get("server-timing"))
    return Sample(
        scenario=frame.scenario.name,
        regime=frame.regime,
        observation=block.observation,
        block=block.number,
        variant=block.variant,
        session=session,
        user=user,
        index=index,
        outcome="write"
        if frame.scenario.changes
        else outcome_of(response.headers.get("cache-status")),
        intended_start_s=(intended_ns - frame.origin_ns) / NS_PER_S,
        start_s=(response.start_ns - frame.origin_ns) / NS_PER_S,
        duration_s=response.duration_ns / NS_PER_S,
        status=response.status,
        body_hash=hashlib.blake2b(response.body, digest_size=8).hexdigest(),
        db_ms=timings.get("db"),
        cache_ms=timings.get("cache"),
        app_ms=timings.get("app"),
    )
