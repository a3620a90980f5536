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
from benchmarks.comparison.targets.given import (
    GivenHeaders,
    curl_of,
    har_of,
    headers_of,
    requests_of,
)
from benchmarks.comparison.targets.json_paths import JSONPaths
from benchmarks.comparison.targets.outcomes import HitHeader
from benchmarks.comparison.targets.scenario_file import load_scenario
from benchmarks.comparison.targets.steps import GivenSteps, Step, WorkSource
from benchmarks.measure.address import FORMS, Address, parse_address
from benchmarks.runner.options import LIMITS, claims_of
from benchmarks.runner.profiles import PROFILES, Profile
from benchmarks.storage.records import NATIVE, NOISE
from benchmarks.storage.run_folder import check_out
from benchmarks.storage.usage import DEFAULT_OUT, DEFAULT_SEED, UsageError, choice, within

_NAME = re.compile(r"[A-Za-z][\w.-]{0,31}")
_CREDENTIALS = re.compile(r"(?i)^((?:[^=/@]*=)?(?:[a-z]+://)?).*@")
_QUERY = re.compile(r"([?#]).+")
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
        """Read ``NAME=ADDRESS``; raises ``UsageError``, which quotes no password."""
        name, _, url = text.partition("=")
        if not _NAME.fullmatch(name):
            raise UsageError(f"{_quoted(text)} takes NAME=ADDRESS; an address is {FORMS}")
        try:
            return cls(name, url, parse_address(url))
        except ValueError as error:
            raise UsageError(f"{_quoted(text)}: {error}") from None

    @property
    def is_here(self) -> bool:
        """Tell whether it is on this machine, as far as its name says."""
        if self.address.unix_path:
            return True
        try:
            found = socket.getaddrinfo(self.address.host, None, proto=socket.IPPROTO_TCP)
        except OSError:
            # An unknown name reaches no machine; the first request to it says so.
            return True
        return all(_is_of_this_machine(str(address[0])) for *_, address in found)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetAmounts:
    """The amount of measuring.

    It is what a profile says, for at most its time; or other ``blocks`` however long they take; or
    as many blocks as ``seconds`` allow.
    """

    profile: Profile
    blocks: int | None = None
    seconds: float | None = None

    @property
    def most_s(self) -> float:
        """Return for how many seconds each of the two cases is measured at most."""
        if self.blocks is not None:
            return math.inf
        whole = self.profile.target_seconds if self.seconds is None else self.seconds
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
        plans = self.profile.of_targets(mix=mix)
        if self.blocks is not None:
            plans = {name: BlockPlan(self.blocks, plan.amount) for name, plan in plans.items()}
        return tuple(
            Case(scenario=scenario, regime=regime, plan=plans[regime]) for regime in (NATIVE, NOISE)
        )


@dataclass(frozen=True, slots=True)
class GivenOptions:
    """The options of a comparison of running services, as they were given.

    ``useless`` names options that were given and mean nothing here.
    """

    targets: Sequence[str]
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
    fail_on: Iterable[str] = ()
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
    useless: Iterable[str] = ()

    @property
    def steps(self) -> list[Step]:
        """Return the requests that are asked of each service, in their order."""
        return [
            *(Step(method="GET", path=path) for path in self.get),
            *requests_of(self.request, self.body),
            *map(curl_of, self.curl),
            *(har_of(self.har, self.keep_header) if self.har else ()),
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetOptions:
    """A comparison of running services; the first one is the reference.

    It is what was ``given``, read and checked: ``ignored`` is what may differ in the answers,
    ``hit`` what of them tells of a cache, and ``sent`` are the headers of every request.
    """

    given: GivenOptions = field(repr=False)  # with what is secret
    targets: tuple[Target, ...]
    source: WorkSource
    amounts: TargetAmounts
    ignored: JSONPaths
    hit: HitHeader | None
    sent: GivenHeaders
    claims: tuple[Claim, ...]
    asked: tuple[str, ...]

    @classmethod
    def asked_for(cls, given: GivenOptions) -> Self:
        """Read the targets and their requests, and take the amounts from the profile.

        Raises ``UsageError``.
        """
        for option in given.useless:
            raise UsageError(f"{option} is about this project's own service, not about others")
        check_out(given.out)
        within("seed", given.seed, LIMITS)
        within("rate", given.rate, LIMITS)
        amounts = _amounts(given.profile, given.blocks, given.seconds)
        targets = _in_order(_targets(given.targets), given.reference)
        _check_places(targets, allowed=given.allow_remote)
        steps = given.steps
        source = _source(given.scenarios, steps, given.users)
        own, asked = claims_of(
            given.claims,
            given.fail_on,
            scenarios=[source.name],
            variants=[target.name for target in targets],
            regimes=[NATIVE],
            kind="target",
        )
        return cls(
            given=given,
            targets=targets,
            source=source,
            amounts=amounts,
            ignored=JSONPaths.parse(given.ignore),
            hit=None if given.header_hit is None else HitHeader.parse(given.header_hit),
            sent=headers_of(given.header, given.environ),
            claims=own,
            asked=asked,
        )


def _amounts(profile: str, blocks: int | None, seconds: float | None) -> TargetAmounts:
    if blocks is not None and seconds is not None:
        raise UsageError("--blocks and --seconds both say how long to measure: give one of them")
    within("blocks", blocks, LIMITS)
    within("seconds", seconds, LIMITS)
    base = PROFILES[choice("profile", profile, PROFILES)]
    return TargetAmounts(profile=base, blocks=blocks, seconds=seconds)


def _source(scenarios: Sequence[str], steps: Sequence[Step], users: int | None) -> WorkSource:
    if len(scenarios) + bool(steps) != 1:
        raise UsageError(
            "say what to ask of the services: --get PATH, --request, --curl or --har, "
            "or one --scenario FILE.py"
        )
    if steps:
        if users is not None:
            raise UsageError("--users means nothing without a --scenario FILE.py with requests()")
        return GivenSteps(steps)
    if not scenarios[0].endswith(".py"):
        raise UsageError(
            f"--scenario {scenarios[0]} is of this project's own service; others take "
            "one --scenario FILE.py"
        )
    within("users", users, LIMITS)
    return load_scenario(Path(scenarios[0]), users=users)


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
                f"{target.name} is at {target.address.host}, which is not this machine: measuring "
                "is load; give --allow-remote if its owner knows, and --rate to limit it"
            )


def _is_of_this_machine(address: str) -> bool:
    found = ipaddress.ip_address(address.partition("%")[0])
    if found.is_loopback:
        return True
    family = socket.AF_INET6 if found.version == 6 else socket.AF_INET  # noqa: PLR2004
    try:
        # Only an address of this machine can be bound to.
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((address, 0))
    except OSError:
        return False
    return True


def _quoted(text: str) -> str:
    """Return what was given for a target without what may be a password or a token."""
    shown = _QUERY.sub(r"\1***", _CREDENTIALS.sub(r"\1***@", text))
    return f"the target {shown!r}"
