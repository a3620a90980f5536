"""The whole machine: users at work while Redis, the ways to it and the switch are broken.

Every example begins with a fault, in a deployment that answers from the cache; more follow. A
fault comes with the writes and reads that it may spoil, as chance alone would rarely put them
where they tell: what is cached is written, and read through the other process at once.
"""

from collections.abc import Sequence

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from benchmarks.stack.relay import RelayMode
from tests.stateful.deployment import WORKERS, StatefulDeployment
from tests.stateful.faults import PATHS, Redis, Strike
from tests.stateful.operations import Census, DrawnUsers, other, pick, process, somebody, text
from tests.waiting import until

MOST_FAULTS = 3
"""In one example: more of them only leave the cache off for longer."""
_first = st.runner().flatmap(lambda machine: st.sampled_from(machine.first))
_kind = st.runner().flatmap(lambda machine: st.sampled_from(machine.kinds))


def may_break(machine: "StatefulMachine") -> bool:
    """Tell whether another fault is due in this example."""
    return machine.faults.strikes < MOST_FAULTS and somebody(machine)


def is_up(machine: "StatefulMachine") -> bool:
    return machine.faults.redis is Redis.UP


class StatefulMachine(DrawnUsers):
    """Users at work, and faults: one of ``first``, then some of ``kinds``."""

    first: Sequence[Strike] = tuple(Strike)
    kinds: Sequence[Strike] = tuple(Strike)

    @initialize(kind=_first, path=process, which=pick, name=text, worker=process)
    def begin(self, kind: Strike, path: int, which: int, name: str, worker: int) -> None:
        self.strike(kind, path, which, name, worker)

    @precondition(may_break)
    @rule(kind=_kind, path=process, which=pick, name=text, worker=process)
    def strike(self, kind: Strike, path: int, which: int, name: str, worker: int) -> None:
        match kind:
            case Strike.SWITCH:
                self.switch_off_and_on(which, name, worker)
            case Strike.OUTSIDER:
                self.write_without_redis(which, name, worker)
            case Strike.OUTAGE:
                self.go_through_an_outage(path, which, name)
            case Strike.KILL | Strike.STOP | Strike.ROLL_BACK if is_up(self):
                self.strike_redis(kind, which, name, worker)
            case _ if kind in PATHS:
                self.faults.break_path(path, PATHS[kind])
                if kind is Strike.SLOW:
                    self.stir(which, name, other(path), times=2)
                else:
                    self.stir(which, name, path)

    @precondition(is_up)
    @rule(what=st.sampled_from(["flush", "evict", "save"]), worker=process)
    def lose_keys(self, what: str, worker: int) -> None:
        """Lose all keys or one; or have Redis write the dump that it may be started from later."""
        self.read_all(worker)
        if what == "flush":
            self.faults.flush()
        elif what == "evict":
            self.faults.evict()
        else:
            self.faults.save()

    @precondition(lambda self: not is_up(self))
    @rule(dump=st.booleans(), worker=process)
    def bring_redis_back(self, *, dump: bool, worker: int) -> None:
        self.faults.bring_back(dump=dump)
        self.read_all(worker)

    @precondition(lambda self: set(self.faults.paths.values()) != {RelayMode.NORMAL})
    @rule(worker=process)
    def mend_paths(self, worker: int) -> None:
        for path in WORKERS:
            self.faults.break_path(path, RelayMode.NORMAL)
        self.read_all(worker)

    def go_through_an_outage(self, path: int, which: int, name: str) -> None:
        """Write with a path cut; mend everything and wait for hits; write again at once.

        The second write goes through the process whose path was cut, which may be the last to
        hear that there is a cache again.
        """
        token, worker = self.token(which), other(path)
        self.read_all(path)
        self.faults.break_path(path, RelayMode.RESET)
        self.ask(self.model.create(token, {"heading": name, "task": ""}), path)
        self.faults.mend()
        listed = self.model.listed(token)
        # Often: who asks at once may be ahead of who hears of it last.
        until(lambda: self.is_back(listed, worker), "answer from the cache again", poll_s=0.005)
        self.ask(self.model.rename(token, name), path)
        self.ask(self.model.profile(token), worker)
        self.read_all(worker)
        self.census.recoveries += 1

    def strike_redis(self, kind: Strike, which: int, name: str, worker: int) -> None:
        if kind is Strike.STOP:
            self.faults.stop()
            self.stir(which, name, worker)
        elif kind is Strike.KILL:
            self.faults.kill()
            self.stir(which, name, worker)
        else:
            self.read_all(worker)
            self.faults.save()
            self.ask(self.model.rename(self.token(which), name), worker)
            self.faults.kill()
            self.faults.bring_back(dump=True)
            self.read_all(worker)

    def switch_off_and_on(self, which: int, name: str, worker: int) -> None:
        self.read_all(worker)
        self.faults.switch(worker, enabled=False)
        self.ask(self.model.rename(self.token(which), name), other(worker))
        self.read_all(worker)
        self.faults.switch(other(worker), enabled=True)
        self.read_all(worker)

    def write_without_redis(self, which: int, name: str, worker: int) -> None:
        if self.deployment.outsider is None:
            return
        self.read_all(worker)
        with self.deployment.outsider.awake() as connection:
            renamed = self.model.rename(self.token(which), name)
            self.ask_at(renamed, connection, "the process without Redis")
        self.faults.outsider()
        self.read_all(worker)

    def stir(self, which: int, name: str, worker: int, times: int = 1) -> None:
        """Write what is cached, and at once read it through the other process."""
        token = self.token(which)
        self.read_all(other(worker))
        for _ in range(times):
            self.ask(self.model.create(token, {"heading": name, "task": ""}), worker)
            self.ask(self.model.listed(token), other(worker))

    @invariant()
    def counted(self) -> None:
        """Count the step; what must hold is compared with every answer."""
        self.census.steps += 1

    def teardown(self) -> None:
        """Mend everything, and see whether something old comes to light."""
        self.faults.mend()
        if self.sound:
            self.read_all(0)
            for token in self.model.tokens:
                self.ask(self.model.profile(token), 1)


def explore(
    deployment: StatefulDeployment,
    census: Census,
    *,
    first: Sequence[Strike],
    kinds: Sequence[Strike] = tuple(Strike),
    number: int = 0,
    examples: int,
    steps: int,
) -> None:
    """Try so many examples, the same ones for the same number; what is found is not shrunk."""

    # Hypothesis wants a machine that is made without arguments.
    class Example(StatefulMachine):
        def __init__(self) -> None:
            super().__init__(deployment, census)
            self.first, self.kinds = first, kinds

    as_it_is = settings(
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=[
            HealthCheck.too_slow,  # a step starts and kills servers, waits for leases to run out
            HealthCheck.filter_too_much,  # most rules need somebody who is logged in
            HealthCheck.data_too_large,  # a step draws up to six values
        ],
        phases=[Phase.generate],
        max_examples=examples,
        stateful_step_count=steps,
    )
    run_state_machine_as_test(seed(number)(Example), settings=as_it_is)
