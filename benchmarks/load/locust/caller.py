"""Send the operations of a scenario through Locust's client, and keep what became of each."""

import hashlib
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from locust.contrib.fasthttp import FastHttpSession

from benchmarks.load.account_pool import SetUpFailed
from benchmarks.load.locust.process import LocustProcess
from benchmarks.load.metrics import FAILED
from benchmarks.load.schedule import UNCOUNTED, session_of, target_of
from benchmarks.measure.client import outcome_of, slots_of, timings_of
from benchmarks.measure.sessions import Block
from benchmarks.scenarios.actions import READS_AND_WRITES
from benchmarks.scenarios.base import Member, Scenario
from benchmarks.storage.records import LOAD, Outcome, Sample

SET_UP = "set-up"
"""The action of what has to be done before a user can begin; it is recorded when it fails."""
_SHOWN_BYTES = 100
_HTTP_OK = 200
_outcome = lru_cache(maxsize=256)(outcome_of)
_slots = lru_cache(maxsize=256)(slots_of)


@dataclass(slots=True, kw_only=True)
class Call:
    """One request of a scenario. Moments are those of the run's clock, in seconds.

    ``intended_s`` is None where it is the moment at which the request was sent. ``on_schedule``
    tells that its time counts from the intended start, as in an open loop.
    """

    block: Block
    action: str
    user: int
    session: int
    index: int = 0
    intended_s: float | None = None
    on_schedule: bool = False
    sent_s: float = 0.0
    service_s: float = 0.0
    """From just before the send to the last byte of the body."""

    @property
    def target(self) -> str:
        """Return the variant that is asked."""
        return target_of(self.block.variant)

    @property
    def name(self) -> str:
        """Return what Locust's tables call it."""
        return f"{self.target}: {self.action}"

    @property
    def ended_s(self) -> float:
        """Return when the answer was complete."""
        return self.sent_s + self.service_s

    @property
    def taken_s(self) -> float:
        """Return the time that the user had to wait."""
        if self.on_schedule and self.intended_s is not None:
            return self.ended_s - self.intended_s
        return self.service_s


class Caller:
    """Does what one simulated user does, one unit after the other: an operation or a session.

    Units may run at the same time if they are of different accounts.
    """

    def __init__(self, process: LocustProcess, scenario: Scenario, client: FastHttpSession) -> None:
        self._process = process
        self._scenario = scenario
        # Its types are narrower than what it takes: a body is sent as it is, also if it is bytes.
        self._client: Any = client
        self._session_of_one = session_of(scenario) if scenario.kind == "session" else ()
        # Nobody can empty the cache of one user, but a change makes its list cold.
        self._cools = scenario.primed == "never" and not scenario.changes

    def unit(self, block: Block, account: int, *, due_s: float | None = None) -> bool:
        """Do the next operation of a mix, or the next session of the account.

        ``due_s`` is when it was to begin by the schedule of an open loop. Returns whether it could
        begin; if not, the failure has been recorded.
        """
        mix = self._scenario.kind == "mix"
        operation = next(self._process.stream(self._scenario, block.variant)) if mix else None
        call = Call(
            block=block,
            action=SET_UP,
            user=account if operation is None else operation.user,
            session=next(self._process.sessions),
            intended_s=due_s,
            on_schedule=due_s is not None,
        )
        try:
            member = self._member(call)
            if operation is None:
                self._session(call, member)
            else:
                call.action = operation.action
                self._request(call, member)
        except SetUpFailed as error:
            self.fail(call, error)
            return False
        return True

    def fail(self, call: Call, error: Exception) -> None:
        """Record what was never sent as a failure."""
        call.sent_s = self._process.clock.now_s()
        self._client.request_event.fire(
            request_type="",
            name=call.name,
            response_time=1000 * call.taken_s,
            response_length=0,
            response=None,
            context={},
            exception=error,
            start_time=None,
            url=self._process.targets[call.target],
        )
        self._keep(call, None, failed=True)

    def _member(self, call: Call) -> Member:
        account_pool = self._process.account_pool(call.block.variant)
        if not account_pool.knows(call.user):
            account_pool.member(call.user)
            self._prepared(call)
        return account_pool.member(call.user)

    def _prepared(self, call: Call) -> None:
        """Let the schedule wait: what had to be done first is no part of what is measured."""
        if call.on_schedule:
            call.intended_s = self._process.clock.now_s()

    def _session(self, first: Call, member: Member) -> None:
        if self._cools:
            self._quietly(first, "complete", member)
            self._prepared(first)
        intended_s, index = first.intended_s, 0
        for operation in self._session_of_one:
            if not operation.counted:
                self._quietly(first, operation.action, member)
                intended_s = self._process.clock.now_s() if first.on_schedule else intended_s
                continue
            call = replace(first, action=operation.action, index=index, intended_s=intended_s)
            self._request(call, member)
            intended_s, index = call.ended_s, index + 1

    def _quietly(self, call: Call, action: str, member: Member) -> None:
        """Do what is not recorded, past Locust's client."""
        account_pool = self._process.account_pool(call.block.variant)
        account_pool.send({**READS_AND_WRITES, **self._scenario.actions}[action], member)

    def _request(self, call: Call, member: Member) -> None:
        """Send one request and time it."""
        ask = self._scenario.actions[call.action](member)
        with self._client.request(
            ask.method,
            self._process.targets[call.target] + ask.path,
            name=call.name,
            data=ask.body,
            headers={**member.headers, **ask.headers},
            catch_response=True,
        ) as response:
            self._time(call, response.request_meta)
            expected = response.status_code == _HTTP_OK
            if expected:
                response.success()
            elif response.status_code:
                # A lost connection stays the error that it is.
                said = (response.content or b"")[:_SHOWN_BYTES].decode(errors="replace")
                response.failure(f"{response.status_code} {said}")
        self._keep(call, response, failed=not expected)

    def _time(self, call: Call, meta: dict[str, Any]) -> None:
        call.service_s = meta["response_time"] / 1000
        call.sent_s = self._process.clock.now_s() - call.service_s
        if call.intended_s is None:
            call.intended_s = call.sent_s
        meta["response_time"] = 1000 * call.taken_s

    def _keep(self, call: Call, response: Any, *, failed: bool) -> None:
        """Record a request. ``response`` is None or without headers on an error."""
        headers = getattr(response, "headers", None) or {}
        writes = call.action in self._scenario.changes
        outcome = "write" if writes else _outcome(headers.get("cache-status"))
        self._process.metrics.record(
            max(0, int(self._process.clock.since_s(call.ended_s))),
            call.target,
            FAILED if failed else outcome,
            max(0, round(1e6 * call.taken_s)),
        )
        if self._process.samples is not None and call.block.observation != UNCOUNTED:
            self._process.samples.add(self._sample(call, response, headers, outcome))

    def _sample(self, call: Call, response: Any, headers: Any, outcome: Outcome) -> Sample:
        since_s, status = self._process.clock.since_s, headers.get("cache-status")
        timings = timings_of(headers.get("server-timing"))
        body = self._scenario.comparable(getattr(response, "content", None) or b"")
        sent_s = since_s(call.sent_s)
        return Sample(
            scenario=self._scenario.name,
            regime=LOAD,
            restart=0,
            observation=call.block.observation,
            block=call.block.number,
            variant=call.block.variant,
            session=call.session,
            user=call.user,
            index=call.index,
            action=call.action,
            outcome=outcome,
            slots=_slots(status),
            intended_start_s=sent_s if call.intended_s is None else since_s(call.intended_s),
            start_s=sent_s,
            duration_s=call.service_s,
            status=getattr(response, "status_code", 0),
            body_hash=hashlib.blake2b(body, digest_size=8).hexdigest(),
            db_ms=timings.get("db"),
            cache_ms=timings.get("cache"),
            app_ms=timings.get("app"),
        )
