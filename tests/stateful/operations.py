"""The operations of users, each with three answers."""

import json
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from benchmarks.measure.client import Connection, Response, outcome_of
from tests.stateful.deployment import WORKERS, StatefulDeployment
from tests.stateful.faults import StatefulFaults
from tests.stateful.model import (
    AS_TOLD,
    CallAnswer,
    MadeCall,
    Model,
    ModelPerson,
    ModelToken,
    Predicted,
)

MOST_PEOPLE = 4
NOBODYS = "f" * 24
_STAMPS = ("created_at", "updated_at")
process = st.sampled_from(WORKERS)
pick = st.integers(0, 7)
text = st.text('aä🐌"\\<', min_size=1, max_size=4)
instant = st.sampled_from([None, "2030-05-06T07:08:09Z", "2199-12-31T23:59:59Z"])
new_todo = st.fixed_dictionaries(
    {"heading": text, "task": text}, optional={"completion_time": instant}
)
some_change = st.one_of(
    st.fixed_dictionaries({"heading": text}, optional={"completion_time": instant}),
    st.fixed_dictionaries({"completed": st.booleans()}, optional={"task": text}),
    st.fixed_dictionaries({"reminder_sent": st.booleans()}),
)
condition = st.sampled_from(["", "right", "wrong"])


class Misprediction(AssertionError):
    """The uncached service answers otherwise than the model: nothing is known of the cache."""


class Divergence(AssertionError):
    """The cached side answers otherwise than the uncached one and the model."""


class Caught(BaseException):
    """The end of a hunt; of an exception Hypothesis would first see whether it comes again."""


@dataclass
class Census:
    """What a run did, over all its examples, so that a machine that tests nothing cannot pass."""

    ends_at_first: bool = False
    """Whether the run is a hunt, which is over when something was found."""
    examples: int = 0
    steps: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    hits: int = 0
    recoveries: int = 0
    divergence: str = ""
    """What was found, in one line."""

    def __str__(self) -> str:
        statuses = Counter({str(status): count for status, count in self.statuses.items()})
        return (
            f"{self.examples} examples, {self.steps} steps, {self.hits} hits, "
            f"{self.recoveries} recoveries; answers {_counts(statuses)}; "
            f"faults {_counts(self.faults)}"
        )


class Side:
    """One deployment: what its real ids and tokens are called, and what times it has told."""

    def __init__(self) -> None:
        self._real: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._stamps: dict[tuple[object, ...], str] = {}

    def ask(self, call: MadeCall, connection: Connection) -> tuple[CallAnswer, Response]:
        """Send the request; return the answer in common names, and as it came."""
        payload = b"" if call.body is None else json.dumps(call.body).encode()
        headers = dict(call.headers)
        if call.token:
            headers["Authorization"] = f"Bearer {self._real.get(call.token, call.token)}"
        if payload:
            headers["Content-Type"] = "application/json"
        path = call.path.format(todo=self._real.get(call.todo, call.todo))
        sent = connection.prepare(call.method, path, headers=headers, body=payload)
        response = connection.send(sent)
        body = json.loads(response.body)
        if call.makes and isinstance(body, dict):
            self._learn(call.makes, body.get("id") or body.get("access_token"))
        answer = CallAnswer(
            status=response.status,
            body=self._named(body),
            etag=response.headers.get("etag", ""),
            challenge=response.headers.get("www-authenticate", ""),
        )
        return answer, response

    def _learn(self, name: str, real: str | None) -> None:
        if real is not None and real not in self._names:
            self._real[name], self._names[real] = real, name

    def _named(self, body: Any) -> object:
        if isinstance(body, list):
            return [self._named(todo) for todo in body]
        if not isinstance(body, dict):
            return body
        named = {key: self._names.get(str(value), value) for key, value in body.items()}
        for stamp in set(_STAMPS) & set(body):
            told = body[stamp]
            about = (body["id"], stamp, body.get("rev") if stamp == "updated_at" else None)
            first = self._stamps.setdefault(about, told)
            named[stamp] = AS_TOLD if told == first else f"{told}, and before {first}"
        return named


def other(worker: int) -> int:
    return 1 - worker


def somebody(machine: "DrawnUsers") -> bool:
    return bool(machine.live)


class DrawnUsers(RuleBasedStateMachine):
    """One example of users at work. What is drawn depends on the model, never on an answer.

    A write is followed by a read through the other process: that is where an old value would be
    seen, and it makes the next write one of something that is cached.
    """

    def __init__(self, deployment: StatefulDeployment, census: Census) -> None:
        super().__init__()
        census.examples += 1
        deployment.reset()
        self.deployment = deployment
        self.census = census
        self.faults = StatefulFaults(deployment, census.faults)
        self.model = Model(uuid.uuid4().hex[:12])
        self.sound = True
        """Whether everything asked so far was answered, and rightly."""
        self._cached, self._uncached = Side(), Side()
        for name in ("Ann", "Ben"):
            self.ask(self.model.register(name))
            person = self.model.people[-1]
            self.ask(self.model.log_in(person, person.password))
            self.ask(self.model.create(self.model.tokens[-1], {"heading": name, "task": ""}))

    @precondition(lambda self: len(self.model.people) < MOST_PEOPLE)
    @rule(name=text, who=st.none() | pick, worker=process)
    def register(self, name: str, who: int | None, worker: int) -> None:
        email = "" if who is None else self.person(who).email
        self.ask(self.model.register(name, email), worker)

    @rule(who=pick, right=st.booleans(), worker=process)
    def log_in(self, *, who: int, right: bool, worker: int) -> None:
        person = self.person(who)
        self.ask(self.model.log_in(person, person.password if right else "a guess"), worker)

    @precondition(somebody)
    @rule(which=pick, everywhere=st.booleans(), worker=process)
    def log_out(self, *, which: int, everywhere: bool, worker: int) -> None:
        token = self.token(which)
        self.ask(self.model.log_out(token, everywhere=everywhere), worker)
        self.ask(self.model.profile(token), other(worker))

    @precondition(somebody)
    @rule(which=pick, name=text, worker=process)
    def rename(self, which: int, name: str, worker: int) -> None:
        token = self.token(which)
        self.ask(self.model.rename(token, name), worker)
        self.ask(self.model.profile(token), other(worker))

    @precondition(somebody)
    @rule(which=pick, right=st.booleans(), worker=process)
    def change_password(self, *, which: int, right: bool, worker: int) -> None:
        token = self.token(which)
        current = token.owner.password if right else "a guess"
        self.ask(self.model.change_password(token, current), worker)
        self.ask(self.model.listed(token), other(worker))

    @precondition(lambda self: len({token.owner.id for token in self.live}) > 1)
    @rule(which=pick, worker=process)
    def delete_account(self, which: int, worker: int) -> None:
        token = self.token(which)
        self.ask(self.model.delete_account(token), worker)
        self.ask(self.model.listed(token), other(worker))

    @precondition(somebody)
    @rule(which=pick, new=new_todo, worker=process)
    def create(self, which: int, new: Mapping[str, object], worker: int) -> None:
        token = self.token(which)
        self.ask(self.model.create(token, new), worker)
        self.ask(self.model.listed(token), other(worker))

    @precondition(somebody)
    @rule(which=pick, whose=pick, change=some_change, only_if=condition, worker=process)
    def update(
        self, which: int, whose: int, change: Mapping[str, object], only_if: str, worker: int
    ) -> None:
        token = self.token(which)
        self.ask(self.model.update(token, self.todo(token, whose), change, only_if), worker)
        self.ask(self.model.listed(token), other(worker))

    @precondition(somebody)
    @rule(which=pick, whose=pick, only_if=condition, worker=process)
    def delete(self, which: int, whose: int, only_if: str, worker: int) -> None:
        token = self.token(which)
        todo = self.todo(token, whose)
        self.ask(self.model.delete(token, todo, only_if), worker)
        self.ask(self.model.one(token, todo), other(worker))

    @precondition(somebody)
    @rule(worker=process)
    def read_everything(self, worker: int) -> None:
        self.read_all(worker)

    @precondition(somebody)
    @rule(which=pick, whose=pick, worker=process)
    def read_one(self, which: int, whose: int, worker: int) -> None:
        token = self.token(which)
        self.ask(self.model.one(token, self.todo(token, whose)), worker)

    @precondition(lambda self: len(self.live) < len(self.model.tokens))
    @rule(which=pick, writes=st.booleans(), worker=process)
    def replay_ended_token(self, *, which: int, writes: bool, worker: int) -> None:
        ended = [token for token in self.model.tokens if not token.live]
        token = ended[which % len(ended)]
        if writes:
            self.ask(self.model.create(token, {"heading": "too", "task": "late"}), worker)
            self.ask(self.model.log_out(token, everywhere=True), worker)
        self.ask(self.model.listed(token), worker)
        self.ask(self.model.profile(token), other(worker))

    @property
    def live(self) -> list[ModelToken]:
        return [token for token in self.model.tokens if token.live]

    def person(self, who: int) -> ModelPerson:
        return self.model.people[who % len(self.model.people)]

    def token(self, which: int) -> ModelToken:
        return self.live[which % len(self.live)]

    def todo(self, token: ModelToken, whose: int) -> str:
        """Return a todo of the token's owner, more rarely somebody's, or nobody's."""
        own, every = list(token.owner.todos), self.model.todos
        strange = {6: every[-1], 7: NOBODYS}
        return strange.get(whose) or (own or every)[whose % len(own or every)]

    def read_all(self, worker: int) -> None:
        """Read what everybody who is logged in has, from this process and from the other."""
        for token in {token.owner.id: token for token in self.live}.values():
            self.ask(self.model.listed(token), worker)
            self.ask(self.model.listed(token), other(worker))
            self.ask(self.model.profile(token), other(worker))

    def ask(self, predicted: Predicted, worker: int = 0) -> None:
        """Ask a cached process and the uncached one; raises ``Misprediction``, ``Divergence``."""
        self.ask_at(predicted, self.deployment.cached[worker], f"process {worker}")

    def ask_at(self, predicted: Predicted, connection: Connection, who: str) -> None:
        """Ask this process of the cached side, and the uncached one meanwhile."""
        self.sound = False
        call, expected = predicted
        ground = self.deployment.ground
        asked = ground.reference.submit(self._uncached.ask, call, ground.uncached)
        answer, response = self._cached.ask(call, connection)
        uncached, _ = asked.result()
        if uncached != expected:
            raise Misprediction(f"{call}\n  predicted {expected}\n  uncached  {uncached}")
        self.census.statuses[response.status] += 1
        self.census.hits += is_hit(response)
        self.compare(call, expected, answer, response, who)
        self.sound = True

    def is_back(self, predicted: Predicted, worker: int) -> bool:
        """Tell whether a process answers from the cache, and raises ``Divergence`` if wrongly."""
        call, expected = predicted
        answer, response = self._cached.ask(call, self.deployment.cached[worker])
        self.compare(call, expected, answer, response, f"process {worker}")
        return is_hit(response)

    def compare(
        self, call: MadeCall, expected: CallAnswer, answer: CallAnswer, response: Response, who: str
    ) -> None:
        """Raise ``Divergence`` where an answer is not the expected one, ``Caught`` in a hunt."""
        if answer == expected:
            return
        self.sound = False
        cache_status = response.headers.get("cache-status", "no cache")
        what = f"{call} by {who}: {answer.status}, {cache_status} ({self.faults})"
        self.census.divergence = f"example {self.census.examples}: {what}"
        if self.census.ends_at_first:
            raise Caught
        raise Divergence(f"{what}\n  expected {expected}\n  answered {answer}")


def is_hit(response: Response) -> bool:
    """Tell whether the cache alone gave the answer."""
    return outcome_of(response.headers.get("cache-status")) == "hit"


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counter.most_common())
