"""The cases by the services that they need, and how slow those are meanwhile."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from pymongo.database import Database

from benchmarks.analysis.header import Case
from benchmarks.measure.delays import FailpointRefused, RedisPath, injected_delay, reset_delay
from benchmarks.measure.regimes import REGIMES
from benchmarks.scenarios import SCENARIOS
from benchmarks.scenarios.base import USUAL, Action, Setting
from benchmarks.stack.dataset import Document
from benchmarks.storage.records import Regime


@dataclass(frozen=True, slots=True)
class CaseGroup:
    """Cases that share running services: the same setting, the same network path to Redis."""

    setting: Setting
    far_redis: bool
    cases: tuple[Case, ...]

    @property
    def is_usual(self) -> bool:
        """Tell whether nothing about the services is special."""
        return self.setting == USUAL and not self.far_redis

    @property
    def actions(self) -> Mapping[str, Action]:
        """Return everything that its scenarios ask for, by name."""
        actions: dict[str, Action] = {}
        for case in self.cases:
            actions |= SCENARIOS[case.scenario].actions
        return actions


def groups(cases: Sequence[Case]) -> list[CaseGroup]:
    """Sort the cases by the services they need, in the order of their first."""
    sorted_cases: dict[tuple[Setting, bool], list[Case]] = {}
    for case in cases:
        far = REGIMES[case.regime].redis_delay_ms is not None
        sorted_cases.setdefault((SCENARIOS[case.scenario].setting, far), []).append(case)
    return [CaseGroup(*services, tuple(members)) for services, members in sorted_cases.items()]


@contextmanager
def slowed(admin: Database[Document], path: RedisPath | None, regime: Regime) -> Iterator[None]:
    """Slow the database and the path to Redis down as a regime says, and leave them as before."""
    with ExitStack() as cleanup:
        cleanup.enter_context(injected_delay(admin, regime))
        if path is not None and regime.redis_delay_ms is not None:
            path.add(regime.redis_delay_ms)
            cleanup.callback(path.add, 0.0)
        yield


def refusal(admin: Database[Document]) -> str:
    """Take away what an earlier run may have left, and say why delays cannot be injected."""
    try:
        reset_delay(admin)
    except FailpointRefused as refused:
        return str(refused)
    return ""
