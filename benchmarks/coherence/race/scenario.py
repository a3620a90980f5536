"""The play: one read, one write, and a stored value that is kept on its way between the two.

Every step is seen to have happened before the next begins; nothing waits for a time to pass.
"""

import json
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

from benchmarks.coherence.race.description import Description, described
from benchmarks.coherence.race.monitor_log import wait_until
from benchmarks.coherence.race.recording import AFTER, BEFORE, Delivery, RaceStep, Recording
from benchmarks.coherence.race.steps import PROCESSES, StepRecorder
from benchmarks.coherence.race.testbed import A, B, Testbed
from benchmarks.coherence.verify.clients import register
from benchmarks.coherence.verify.users import PASSWORD, User, request
from benchmarks.measure.client import Connection, Response
from benchmarks.measure.headers import outcome_of
from benchmarks.measure.regimes import FailpointRefused, Regime, injected_delay
from benchmarks.stack.errors import StackError
from benchmarks.stack.relay import RelayMode

FIND_MS = 400
"""By how much a find is slowed, so that there is time to reach between lookup and store."""
_TASK = "x" * 2_000
"""Makes the list the largest thing that a process sends: what is held is told by its size."""
_SLOWED = Regime(name="race", description="finds that take their time", delay_ms=FIND_MS)
_FINE = frozenset({200, 201})


class RaceScenario:
    """One race on one testbed."""

    def __init__(self, testbed: Testbed) -> None:
        self._testbed = testbed
        self._user = User(0)
        self._id = self._token = self._todo = ""
        self._used = 0
        self._held_s = 0.0
        self._recorder = StepRecorder()

    def perform(self) -> Recording:
        """Play it to its end; raises ``StackError`` naming the step that did not come about."""
        self._prepare()
        with ThreadPoolExecutor(1) as elsewhere, self._let_go():
            reading, lookups = self._read(elsewhere)
            self._write()
            self._deliver(reading, lookups)
        self._read_again()
        variant = self._testbed.variant
        return self._recorder.recording(variant=variant.name, kind=variant.kind)

    def _prepare(self) -> None:
        """Have a user whose list says before, which nobody has cached."""
        register([self._user], self._testbed.urls[B])
        login = {"email": self._user.email, "password": PASSWORD}
        answer = self._ask(B, "POST", "/auth/login", login)
        self._token = json.loads(answer.body)["access_token"]
        self._id = json.loads(self._ask(B, "GET", "/auth/me").body)["id"]
        if self._testbed.caches:
            # The account is not what the race is about: both processes find it in the cache.
            for process in (A, B):
                wait_until(partial(self._finds_account, process), "have the account cached")
        self._taken()
        self._recorder = StepRecorder()
        answer = self._ask(B, "POST", "/todo/", {"heading": BEFORE, "task": _TASK})
        self._todo = json.loads(answer.body)["id"]
        self._note_write(RaceStep.PREPARE, answer, f"POST: heading = {BEFORE}")
        self._look(RaceStep.PREPARE)

    def _finds_account(self, process: int) -> bool:
        headers = self._ask(process, "GET", "/auth/me").headers
        return outcome_of(headers.get("cache-status")) == "hit"

    def _read(self, elsewhere: ThreadPoolExecutor) -> "tuple[Future[Response], list[Description]]":
        """Let A miss and read the database, and hold back what it then stores.

        Returns the answer to come and what A asked Redis before.
        """
        try:
            with injected_delay(self._testbed.mongo.admin, _SLOWED):
                reading = elsewhere.submit(self._ask, A, "GET", "/todo/")
                if self._testbed.caches:
                    self._hold_back()
                else:
                    reading.result()
        except FailpointRefused as error:
            raise StackError(str(error)) from error
        lookups = self._taken()
        if self._testbed.caches:
            held = self._testbed.proxies[A].state
            wait_until(lambda: held().held_bytes > len(_TASK), "hold what process A stores")
            self._held_s = self._recorder.now_s()
        self._look(RaceStep.READ)
        return reading, lookups

    def _hold_back(self) -> None:
        """Begin to hold as soon as A has asked Redis all that it asks before it reads."""
        wait_until(self._has_looked, "see process A miss")
        self._testbed.proxies[A].switch(RelayMode.HOLD)

    def _has_looked(self) -> bool:
        of_list = [each for each in self._heard() if each.is_of_list]
        if self._testbed.variant.kind == "ours":
            return any(each.lays_token for each in of_list)
        return bool(of_list)

    def _write(self) -> None:
        """Let B write and acknowledge; its own way to Redis is free."""
        answer = self._ask(B, "PUT", f"/todo/{self._todo}", {"heading": AFTER})
        if self._testbed.heading(self._todo) != AFTER:
            raise StackError("The write was acknowledged and is not in the database.")
        self._note_write(RaceStep.WRITE, answer, f"PUT: heading = {AFTER}")
        self._look(RaceStep.WRITE)

    def _deliver(self, reading: "Future[Response]", lookups: list[Description]) -> None:
        """Let what A had stored arrive; its reader began before the write and may be shown either.

        What A stored is known only now: while it is held it is nothing but bytes.
        """
        if self._testbed.caches:
            self._testbed.proxies[A].switch(RelayMode.NORMAL)
            wait_until(self._has_stored, "see what was held arrive")
            [late, *rest] = [each for each in self._taken() if each.stores]
            self._recorder.held(RaceStep.READ, PROCESSES[A], self._held_s, late)
            self._recorder.commands(
                RaceStep.DELIVER, PROCESSES[A], [late, *rest], way=Delivery.ARRIVED
            )
        self._recorder.read(RaceStep.READ, A, reading.result(), lookups)
        self._look(RaceStep.DELIVER)

    def _has_stored(self) -> bool:
        return any(each.stores and each.is_of_list for each in self._heard())

    def _read_again(self) -> None:
        """Let anybody read, at either process."""
        for process in (A, B):
            answer = self._ask(process, "GET", "/todo/")
            if outcome_of(answer.headers.get("cache-status")) in {"miss", "partial"}:
                # Ours stores without keeping its reader waiting.
                wait_until(self._has_stored, "see a miss stored")
            commands = self._taken()
            lookups = [each for each in commands if not each.stores]
            self._recorder.read(RaceStep.READ_AGAIN, process, answer, lookups)
            stores = [each for each in commands if each.stores]
            self._recorder.commands(RaceStep.READ_AGAIN, PROCESSES[process], stores)
        self._look(RaceStep.READ_AGAIN)

    def _note_write(self, step: RaceStep, answer: Response, said: str) -> None:
        self._recorder.write(
            step,
            B,
            answer,
            self._taken(),
            said=said,
            todo=self._todo,
            committed_s=self._testbed.committed_s(self._todo),
        )

    def _look(self, step: RaceStep) -> None:
        self._recorder.looked(self._testbed.look(step, user=self._id, todo=self._todo))

    def _heard(self) -> list[Description]:
        """Return what Redis was told of the user since it was last taken."""
        return described(self._testbed.monitor_log.heard(), self._id)[self._used :]

    def _taken(self) -> list[Description]:
        taken = self._heard()
        self._used += len(taken)
        return taken

    def _ask(
        self, process: int, method: str, path: str, body: dict[str, str] | None = None
    ) -> Response:
        """Ask a process on a connection of its own; raises ``StackError`` for a refusal."""
        sent = request(method, path, token=self._token, body=body)
        with Connection(self._testbed.urls[process]) as connection:
            answer = connection.send(sent)
        if answer.status not in _FINE:
            said = answer.body.decode(errors="replace")
            raise StackError(f"{method} {path} was answered {answer.status} {said}.")
        return answer

    @contextmanager
    def _let_go(self) -> Iterator[None]:
        """Leave nothing held, or the reader would wait until it gives up."""
        try:
            yield
        finally:
            self._testbed.proxies[A].switch(RelayMode.NORMAL)
