"""The options of a comparison of targets, checked before anything is sent."""

import ipaddress
import math
import re
import socket
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from pathlib import Path
from typing import Self

from benchmarks.analysis.claims.claim import Claim
from benchmarks.analysis.header import BlockPlan, Case
from benchmarks.comparison.targets.answers import JSONPaths
from benchmarks.comparison.targets.given import (
    curl_of,
    har_of,
    headers_of,
    requests_of,
)
from benchmarks.comparison.targets.scenario_file import load_scenario
from benchmarks.comparison.targets.steps import Step, WorkSource, work_of
from benchmarks.comparison.targets.traffic import HitHeader
from benchmarks.measure.address import FORMS, Address, parse_address
from benchmarks.runner.options import LIMITS, claims_of
from benchmarks.runner.profiles import PROFILES, Profile
from benchmarks.storage.records import NATIVE, NOISE
from benchmarks.storage.run_folder import check_out
from benchmarks.storage.usage import DEFAULT_OUT, DEFAULT_SEED, UsageError, choice, within

_NAME = re.compile(r"[A-Za-z][\w.-]{0,31}")
_FEW_BLOCKS, _MANY_BLOCKS, _MOST_BLOCKS = 8, 100, 1_000


@dataclass(frozen=True, slots=True)
class Target:
    """A running service: what it is called and where it answers."""

    name: str
    url: str = field(repr=False)
    """With the user and the password that it was given with, if it was."""
    address: Address

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``NAME=ADDRESS``; raises ``UsageError``, which quotes nothing of the address."""
        name, _, url = text.partition("=")
        if not _NAME.fullmatch(name):
            raise UsageError(
                f"a target is NAME=ADDRESS, such as old=ADDRESS; an address is {FORMS}"
            )
        try:
            return cls(name, url, parse_address(url))
        except ValueError as error:
            raise UsageError(f"the target {name}: {error}") from None

    @property
    def is_here(self) -> bool:
        """Tell whether it is at a loopback address or a socket of this machine."""
        if self.address.unix_path:
            return True
        try:
            found = socket.getaddrinfo(self.address.host, None, proto=socket.IPPROTO_TCP)
        except OSError:
            # An unknown name reaches no machine; the first request to it says so.
            return True
        places = [ipaddress.ip_address(str(at[0]).partition("%")[0]) for *_, at in found]
        return all(place.is_loopback or place.is_unspecified for place in places)


@dataclass(slots=True, repr=False)  # some of it is secret
class TargetOptions:
    """A comparison of running services, read and checked; the first target is the reference.

    ``ignored`` is what may differ in the answers, ``hit`` what of them tells of a cache, ``sent``
    are the headers of every request, ``secrets`` what is kept nowhere, ``made`` the claims. It is
    measured as much as the profile ``base`` says, for at most its time; or in other ``blocks``
    however long they take; or in as many as ``seconds`` allow. Construction raises ``UsageError``.
    """

    services: Sequence[str]
    scenarios: Sequence[str] = ()
    _: KW_ONLY
    environ: Mapping[str, str] = field(default_factory=dict)
    get: Iterable[str] = ()
    request: Sequence[str] = ()
    body: Sequence[str] = ()
    header: Iterable[str] = ()
    curl: Iterable[str] = ()
    har: Path | None = None
    keep_header: Iterable[str] = ()
    users: int | None = None
    reference: str | None = None
    profile: str = "quick"
    blocks: int | None = None
    seconds: float | None = None
    rate: float | None = None
    claims: Iterable[str] = ()
    seed: int = DEFAULT_SEED
    out: Path = DEFAULT_OUT
    ignore: Iterable[str] = ()
    ignore_bodies: bool = False
    no_bodies: bool = False
    header_hit: str | None = None
    insecure: bool = False
    follow: bool = False
    allow_remote: bool = False
    json: bool = False

    targets: tuple[Target, ...] = field(init=False)
    source: WorkSource = field(init=False)
    base: Profile = field(init=False)
    ignored: JSONPaths = field(init=False)
    hit: HitHeader | None = field(init=False)
    sent: Mapping[str, str] = field(init=False)
    secrets: Sequence[str] = field(init=False)
    made: tuple[Claim, ...] = field(init=False)
    asked: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        check_out(self.out)
        within("seed", self.seed, LIMITS)
        within("rate", self.rate, LIMITS)
        within("blocks", self.blocks, LIMITS)
        within("seconds", self.seconds, LIMITS)
        if self.blocks is not None and self.seconds is not None:
            raise UsageError("--blocks and --seconds both say how long to measure: give one")
        self.base = PROFILES[choice("profile", self.profile, PROFILES)]
        self.targets = _in_order(_targets(self.services), self.reference)
        _check_places(self.targets, allowed=self.allow_remote)
        self.source = self._source()
        self.ignored = JSONPaths.parse(self.ignore)
        self.hit = None if self.header_hit is None else HitHeader.parse(self.header_hit)
        self.sent, self.secrets = headers_of(self.header, self.environ)
        self.made, self.asked = claims_of(
            self.claims,
            scenarios=[self.source.name],
            variants=[target.name for target in self.targets],
            regimes=[NATIVE],
            kind="target",
        )

    @property
    def most_s(self) -> float:
        """Return for how many seconds each of the two cases is measured at most."""
        if self.blocks is not None:
            return math.inf
        whole = self.base.target_seconds if self.seconds is None else self.seconds
        return whole / 2

    def plan(self, planned: BlockPlan, *, session_s: float) -> BlockPlan:
        """Return what of a plan there is time for, ``session_s`` for a session at all targets.

        Of services that are slow there is less in a block, so that there are enough blocks. Where
        the time is given, there is as much in a block as makes many of them.
        """
        if self.seconds is None:
            most = self.most_s / (_FEW_BLOCKS * session_s)
            return replace(planned, amount=int(max(1.0, min(planned.amount, most))))
        amount = self.most_s / (_MANY_BLOCKS * session_s)
        return BlockPlan(_MOST_BLOCKS, int(max(1.0, amount)))

    def cases(self, scenario: str, *, mix: bool) -> tuple[Case, ...]:
        """Return what is measured: the targets against each other, and each against itself."""
        plans = self.base.of_targets(mix=mix)
        if self.blocks is not None:
            plans = {name: BlockPlan(self.blocks, plan.amount) for name, plan in plans.items()}
        return tuple(
            Case(scenario=scenario, regime=regime, plan=plans[regime]) for regime in (NATIVE, NOISE)
        )

    def _source(self) -> WorkSource:
        steps = [
            *(Step(method="GET", path=path) for path in self.get),
            *requests_of(self.request, self.body),
            *map(curl_of, self.curl),
            *(har_of(self.har, self.keep_header) if self.har else ()),
        ]
        if len(self.scenarios) + bool(steps) != 1:
            raise UsageError(
                "say what to ask of the services: --get PATH, --request, --curl or --har, "
                "or one --scenario FILE.py"
            )
        if steps:
            if self.users is not None:
                raise UsageError(
                    "--users means nothing without a --scenario FILE.py with requests()"
                )
            # One user without a token sends them.
            return WorkSource(
                "requests",
                lambda sites: work_of(
                    "requests", [[steps]] * len(sites), where="the requests asked for"
                ),
            )
        [scenario] = self.scenarios
        if not scenario.endswith(".py"):
            raise UsageError(
                f"--scenario {scenario} is of this project's own service; others take "
                "one --scenario FILE.py"
            )
        within("users", self.users, LIMITS)
        return load_scenario(Path(scenario), users=self.users)


def _targets(texts: Iterable[str]) -> tuple[Target, ...]:
    found = tuple(Target.parse(text) for text in texts)
    names = [target.name for target in found]
    if len(set(names)) < 2 or len(set(names)) < len(names):  # noqa: PLR2004
        raise UsageError(
            "a comparison needs two targets or more, each with a name of its own: "
            "a=http://127.0.0.1:8000 b=http://127.0.0.1:8001"
        )
    return found


def _in_order(targets: tuple[Target, ...], reference: str | None) -> tuple[Target, ...]:
    if reference is None:
        return targets
    choice("target", reference, [target.name for target in targets])
    return tuple(sorted(targets, key=lambda target: target.name != reference))


def _check_places(targets: Iterable[Target], *, allowed: bool) -> None:
    for target in targets:
        if not allowed and not target.is_here:
            raise UsageError(
                f"{target.name} is at {target.address.host}, which is no loopback address: "
                "measuring is load; give --allow-remote if its owner knows, and --rate to limit it"
            )
