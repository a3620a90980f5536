"""The run as one Locust process knows it: its targets, its load, and its beginning."""

import logging
import os
import random
from collections import defaultdict
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import gevent
from gevent.event import Event
from gevent.lock import RLock
from gevent.pool import Pool
from locust.env import Environment
from locust.runners import MasterRunner

from benchmarks.load.account_pool import AccountPool, IdPool, SetUpFailed
from benchmarks.load.locust.options import targets_of
from benchmarks.load.metrics import MetricsStore
from benchmarks.load.schedule import (
    Blocks,
    Clock,
    SideBySide,
    VariantSchedule,
    operations,
    series_of,
    target_of,
)
from benchmarks.measure.sessions import Block
from benchmarks.scenarios.base import Operation, Scenario
from benchmarks.storage.records import Sample
from benchmarks.storage.samples import append_samples

ACCOUNTS_SHARE = 1000
"""The accounts for users with sessions of their own that each worker has for itself."""

_LOGINS_AT_A_TIME = 4
_WRITE_EVERY_S = 1.0
_WRITTEN_AT_A_TIME = 32
_PAUSE_S = 0.001
_logger = logging.getLogger(__name__)
_PROCESSES: "WeakKeyDictionary[Environment, LocustProcess]" = WeakKeyDictionary()


class SampleWriter:
    """Writes the raw samples of a process into a file of its own."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / f"samples-{os.getpid()}.csv.gz"
        self._pending: list[Sample] = []

    def add(self, sample: Sample) -> None:
        """Have a sample written soon."""
        self._pending.append(sample)

    def write_on(self) -> None:
        """Write what has come about once a second, for ever."""
        while True:
            gevent.sleep(_WRITE_EVERY_S)
            for _ in range(len(self._pending) // _WRITTEN_AT_A_TIME + 1):
                # A long batch would hold up answers that are being timed.
                self._write(_WRITTEN_AT_A_TIME)
                gevent.sleep(_PAUSE_S)

    def flush(self, **_: object) -> None:
        """Write everything that is left."""
        self._write(len(self._pending))

    def _write(self, most: int) -> None:
        batch, self._pending = self._pending[:most], self._pending[most:]
        if batch:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            append_samples(self._path, batch)


class LocustProcess:
    """The state of a process. A worker or a local runner has users, a master only the metrics.

    ``targets`` are the addresses by variant, none where none was named. A worker learns them, and
    all other ``options``, from its master at every start. ``samples`` is None where none are kept.
    """

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.clock = Clock()
        self.metrics = MetricsStore()
        self.samples: SampleWriter | None = None
        self.started = Event()
        self.account_ids = IdPool()
        self.schedule: VariantSchedule
        """The plan of the run, once one has begun."""
        self._account_pools: dict[str, AccountPool] = {}
        self._signing_in = RLock()
        self.reset()

    def reset(self) -> None:
        """Prepare for a run: nothing has begun, nothing is recorded."""
        self.started.clear()
        self.clock.stop()
        self.metrics.reset()
        self.options: Any = self.environment.parsed_options
        self.targets = targets_of(self.options, self.environment.host)
        self._ordinals: dict[str, IdPool] = defaultdict(IdPool)
        self._streams: dict[tuple[str, str], Iterator[Operation]] = {}
        self.sessions = count()
        """The numbers of sessions, each once in the samples of this process."""

    @property
    def worker_index(self) -> int:
        """Return which of the workers this is, 0 where it is the only one."""
        return max(0, getattr(self.environment.runner, "worker_index", 0))

    @property
    def is_headless(self) -> bool:
        """Tell whether it runs at once and without a web page."""
        return bool(self.options.headless)

    @property
    def has_users(self) -> bool:
        """Tell whether users are spawned here."""
        return not isinstance(self.environment.runner, MasterRunner)

    def begin(self, at_s: float) -> None:
        """Let the users go; time counts from ``at_s``, seconds since 1970."""
        variants, options = list(self.targets), self.options
        if options.turns == "blocks":
            self.schedule = Blocks(
                series_of(variants),
                observations=options.blocks,
                block_s=options.block_seconds,
                seed=str(options.load_seed),
                warm_up_s=options.warm_up_seconds,
            )
        else:
            self.schedule = SideBySide(variants)
        self.clock.begin(at_s)
        self.started.set()

    def block(self, ordinal: int) -> Block:
        """Return the block of the next operation of a user of this process."""
        return self.schedule.block(ordinal + self.worker_index, self.clock.elapsed_s())

    def ordinals(self, user_class: str) -> IdPool:
        """Return the numbers of the users of a class."""
        return self._ordinals[user_class]

    def account_pool(self, variant: str) -> AccountPool:
        """Return the accounts at a variant."""
        url = self.targets[target_of(variant)]
        return self._account_pools.setdefault(url, AccountPool(url))

    def stream(self, scenario: Scenario, variant: str) -> Iterator[Operation]:
        """Return the operations of a mix that the users on a variant share.

        They share them so that what is popular is what many users of this process ask for.
        """
        key = scenario.name, target_of(variant)
        if key not in self._streams:
            self._streams[key] = operations(
                scenario,
                users=self.options.accounts,
                seed=self.options.load_seed,
                part=str(self.worker_index),
            )
        return self._streams[key]

    def rng(self, purpose: str) -> random.Random:
        """Return a generator of this process and purpose."""
        seed = f"{self.options.load_seed} {self.worker_index} {purpose}"
        return random.Random(seed)  # noqa: S311 - pauses and arrivals, not secrets

    def sign_in(self) -> None:
        """Log all accounts in, a few at a time, if users of a mix may come.

        What fails is said, and tried again by users.
        """
        drawn = (getattr(one, "scenario", None) for one in self.environment.user_classes)
        if not any(scenario is not None and scenario.kind == "mix" for scenario in drawn):
            return
        with self._signing_in:
            unknown = [
                (account_pool, number)
                for account_pool in map(self.account_pool, self.targets)
                for number in range(self.options.accounts)
                if not account_pool.knows(number)
            ]
            errors = [each for each in Pool(_LOGINS_AT_A_TIME).map(_enter, unknown) if each]
        if errors:
            _logger.error("The accounts cannot be logged in: %s", errors[0])


def process_of(environment: Environment) -> LocustProcess:
    """Return the state of a process, the same each time.

    Whoever asks first makes it: a worker may have users before Locust calls it initialised.
    """
    if environment not in _PROCESSES:
        _PROCESSES[environment] = LocustProcess(environment)
    return _PROCESSES[environment]


def _enter(entering: tuple[AccountPool, int]) -> SetUpFailed | None:
    # A greenlet that raises prints a traceback; one sentence for all of them is enough.
    account_pool, number = entering
    try:
        account_pool.member(number)
    except SetUpFailed as error:
        return error
    return None
