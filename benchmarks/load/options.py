"""The options of ``fivefold load``, checked before anything starts."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from benchmarks.analysis.claims.claim import Claim
from benchmarks.runner.options import LIMITS, claims_of
from benchmarks.scenarios import LOAD_SCENARIOS, LOADABLE
from benchmarks.storage.records import LOAD
from benchmarks.storage.run_folder import check_out
from benchmarks.storage.usage import (
    DEFAULT_OUT,
    DEFAULT_SEED,
    UsageError,
    choice,
    within,
)
from benchmarks.variants.registry import DEFAULT

USERS = 4
SECONDS = 90.0
OBSERVATIONS = 20
LEAST_BLOCK_S = 0.5
WARM_UP_S = 2.0
"""Seconds of load before the first block, so that connections and processes are warm."""
SERIES = 2 * len(DEFAULT)
"""Each variant, and each once more against itself."""
_LEAST_OBSERVATIONS = 2
_LEAST_SECONDS = WARM_UP_S + _LEAST_OBSERVATIONS * SERIES * LEAST_BLOCK_S
_LIMITS: Mapping[str, tuple[float, float]] = {
    "users": (1, 10_000),
    "rate": (1, 10_000),
    "processes": (1, 16),
}


class LoadOptions:
    """One run of Locust; an instance is always valid.

    Either ``users`` act one after the other, each, or with a ``rate`` (per second) requests start
    on a schedule; the other one is None. Construction raises ``UsageError``.
    """

    def __init__(
        self,
        scenario: str,
        *,
        users: int | None = None,
        rate: float | None = None,
        processes: int = 1,
        seconds: float = SECONDS,
        seed: int = DEFAULT_SEED,
        out: Path = DEFAULT_OUT,
        claims: Iterable[str] = (),
        fail_on: Iterable[str] = (),
    ) -> None:
        """Take the usual values where nothing was asked for; a claim in words is asked."""
        name = choice("scenario", scenario, LOADABLE)
        self.claims, self.asked = _claims(name, claims, fail_on)
        _check_amounts(users=users, rate=rate, processes=processes, seconds=seconds)
        within("seed", seed, LIMITS)
        check_out(out)
        self.scenario, self.seed, self.out = LOAD_SCENARIOS[name], seed, out
        self.users = (users or USERS) if rate is None else None
        self.rate, self.processes, self.seconds = rate, processes, seconds

    @property
    def observations(self) -> int:
        """Return how many blocks each series has: as many as fit, at most ``OBSERVATIONS``."""
        fitting = int((self.seconds - WARM_UP_S) / (SERIES * LEAST_BLOCK_S))
        return min(OBSERVATIONS, fitting)

    @property
    def block_seconds(self) -> float:
        """Return how long each block takes."""
        return (self.seconds - WARM_UP_S) / (SERIES * self.observations)


def _claims(
    scenario: str, texts: Iterable[str], fail_on: Iterable[str]
) -> tuple[tuple[Claim, ...], tuple[str, ...]]:
    """Return what is judged, and the names of the claims that are asked."""
    literal = Claim(
        name="L1",
        scenario=scenario,
        text="5x faster, taken literally, in the mean under load",
        kind="at_least",
        value=5.0,
        statistic="mean",
        regime=LOAD,
    )
    made, asked = claims_of(
        texts, fail_on, known=["L1"], scenarios=[scenario], variants=DEFAULT, regimes=[LOAD]
    )
    return (literal, *made), asked


def _check_amounts(
    *, users: int | None, rate: float | None, processes: int, seconds: float
) -> None:
    if users is not None and rate is not None:
        raise UsageError(
            "--users and --rate exclude each other: users wait for their answers, a rate does not"
        )
    for name, value in {"users": users, "rate": rate, "processes": processes}.items():
        within(name, value, _LIMITS)
    if users is not None and users < processes:
        raise UsageError(f"--processes is {processes}: some of them would have none of the users")
    if not seconds >= _LEAST_SECONDS:
        raise UsageError(
            f"--seconds is {seconds:g}; it takes at least {_LEAST_SECONDS:g}, for "
            f"{_LEAST_OBSERVATIONS} blocks of {LEAST_BLOCK_S:g} s of each variant, and as many "
            "against itself"
        )
