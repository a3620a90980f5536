"""The operations of users, each with three answers."""

import uuid
from collections.abc import Mapping

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from benchmarks.measure.client import Connection, Response
from tests.stateful.answers import Side
from tests.stateful.census import Census
from tests.stateful.deployment import WORKERS, StatefulDeployment
from tests.stateful.faults import StatefulFaults
from tests.stateful.model import MALFORMED, Model, Predicted
from tests.stateful.records import ModelPerson, ModelToken
from tests.stateful.reference import Reference

MOST_PEOPLE = 4
NOBODYS, NO_ID = "f" * 24, "zzz"
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
condition = st.sampled_from(["", "right", "wrong", "*", MALFORMED])


class Divergence(AssertionError):
    """The cached side answers otherwise than the uncached one and the model."""


class Caught(BaseException):
    """The end of a hunt; of an exception Hypothesis would first see whether it comes again."""


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
        self._cached = Side()
        ground = deployment.ground
        self.reference = Reference(ground.uncached, ground.reference)
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
    @rule(which=pick, new=new_todo, key=st.sampled_from(["", "k1", "k2"]), worker=process)
    def create(self, which: int, new: Mapping[str, object], key: str, worker: int) -> None:
        token = self.token(which)
        self.ask(self.model.create(token, new, key), worker)
        self.ask(self.model.listed(token), other(worker))

    @precondition(somebody)
    @rule(which=pick, whose=pick, change=some_change, only_if=condition, worker=process)
    def update(
        self, which: int, whose: int, change: Mapping[str, object], only_if: str, worker: int
    ) -> None:
        token, todo, if_match = self._to_write(which, whose, only_if)
        self.ask(self.model.update(token, todo, change, if_match), worker)
        self.ask(self.model.listed(token), other(worker))

    @precondition(somebody)
    @rule(which=pick, whose=pick, only_if=condition, worker=process)
    def delete(self, which: int, whose: int, only_if: str, worker: int) -> None:
        token, todo, if_match = self._to_write(which, whose, only_if)
        self.ask(self.model.delete(token, todo, if_match), worker)
        self.ask(self.model.one(token, todo), other(worker))

    @precondition(somebody)
    @rule(worker=process)
    def read_everything(self, worker: int) -> None:
        self.read_all(worker)

    @precondition(somebody)
    @rule(which=pick, whose=pick, case=st.sampled_from(["{todo}", "{TODO}"]), worker=process)
    def read_one(self, which: int, whose: int, case: str, worker: int) -> None:
        token = self.token(which)
        self.ask(self.model.one(token, self.todo(token, whose), f"/todo/{case}"), worker)

    @precondition(somebody)
    @rule(which=pick, worker=process, profile=st.booleans())
    def read(self, *, which: int, profile: bool, worker: int) -> None:
        token = self.token(which)
        self.ask(self.model.profile(token) if profile else self.model.listed(token), worker)

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
        """Return a todo of the token's owner, more rarely somebody's, nobody's, or no id."""
        own, every = list(token.owner.todos), self.model.todos
        strange = {5: every[-1], 6: NOBODYS, 7: NO_ID}
        return strange.get(whose) or (own or every)[whose % len(own or every)]

    def read_all(self, worker: int) -> None:
        """Read what everybody who is logged in has, from this process and from the other."""
        for token in {token.owner.id: token for token in self.live}.values():
            self.ask(self.model.listed(token), worker)
            self.ask(self.model.listed(token), other(worker))
            self.ask(self.model.profile(token), other(worker))

    def ask(self, predicted: Predicted, worker: int = 0) -> None:
        """Ask a cached process and the uncached one.

        Raises ``Divergence`` and, sooner or later, ``Misprediction``.
        """
        self.ask_at(predicted, self.deployment.cached[worker], f"process {worker}")

    def ask_at(self, predicted: Predicted, connection: Connection, who: str) -> None:
        """Ask this process of the cached side and the uncached one; raises as ``ask`` does."""
        self.sound = False
        self.reference.ask(*predicted)
        self.census.answered(predicted[0], self.compare(predicted, connection, who))
        self.sound = True

    def compare(self, predicted: Predicted, connection: Connection, who: str) -> Response:
        """Ask this process; raises ``Divergence``, unless the uncached side was not right either.

        Then raises ``Misprediction``; and ``Caught`` in the place of ``Divergence`` in a hunt.
        """
        call, expected = predicted
        answer, response = self._cached.ask(call, connection)
        if answer != expected:
            self.sound = False
            self.reference.check()
            cache_status = response.headers.get("cache-status", "no cache")
            what = f"{call} by {who}: {answer.status}, {cache_status} ({self.faults})"
            self.census.divergence = f"example {self.census.examples}: {what}"
            if self.census.ends_at_first:
                raise Caught
            raise Divergence(f"{what}\n  expected {expected}\n  answered {answer}")
        return response

    def _to_write(self, which: int, whose: int, only_if: str) -> tuple[ModelToken, str, str]:
        token = self.token(which)
        todo = self.todo(token, whose)
        found = token.owner.todos.get(todo)
        rev = found.rev if found else 1
        return token, todo, {"right": f'"{rev}"', "wrong": f'"{rev + 1}"'}.get(only_if, only_if)
