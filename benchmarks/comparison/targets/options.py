"""What a comparison of targets was asked to do, checked before anything is sent."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from benchmarks.analysis.claims.claim import Claim
from benchmarks.comparison.targets.scenario_file import ScenarioFile, load_scenario
from benchmarks.runner.options import claims_of, within
from benchmarks.runner.profiles import PROFILES, Case
from benchmarks.storage.records import NATIVE, NOISE
from benchmarks.storage.run_folder import check_out
from benchmarks.storage.usage import (
    DEFAULT_OUT,
    DEFAULT_SEED,
    UsageError,
    choice,
    is_http_address,
)

_NAME = re.compile(r"[A-Za-z][\w.-]{0,31}")


@dataclass(frozen=True, slots=True)
class Target:
    """A running service: what it is called and where it answers."""

    name: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetOptions:
    """A comparison of running services; the first one is the reference.

    Construction raises ``UsageError``.
    """

    profile: str
    targets: tuple[Target, ...]
    file: ScenarioFile
    cases: tuple[Case, ...]
    warm_up: int
    seed: int
    out: Path
    claims: tuple[Claim, ...]
    asked: tuple[str, ...]

    @classmethod
    def asked_for(
        cls,
        targets: Iterable[str],
        scenarios: Sequence[str],
        *,
        profile: str = "quick",
        claims: Iterable[str] = (),
        fail_on: Iterable[str] = (),
        seed: int = DEFAULT_SEED,
        out: Path = DEFAULT_OUT,
        useless: Iterable[str] = (),
    ) -> Self:
        """Read the targets and the file, and take the amounts from the profile.

        ``useless`` names options that were given and mean nothing here.
        """
        base = PROFILES[choice("profile", profile, PROFILES)]
        within("seed", seed)
        check_out(out)
        for option in useless:
            raise UsageError(f"{option} is about this project's own service, not about --target")
        named = _targets(targets)
        file = load_scenario(_only(scenarios))
        plans = base.mixes if file.scenario.kind == "mix" else base.others
        own = claims_of(claims, scenario=file.scenario.name)
        asked = [*fail_on, *(claim.name for claim in own)]
        _check_claims(own, asked, scenario=file.scenario.name, targets=named)
        return cls(
            profile=base.name,
            targets=named,
            file=file,
            cases=tuple(
                Case(scenario=file.scenario.name, regime=regime, plan=plan)
                for regime, plan in ((NATIVE, plans[NATIVE]), (NOISE, plans[NATIVE]))
            ),
            warm_up=base.warmup_sessions,
            seed=seed,
            out=out,
            claims=own,
            asked=tuple(dict.fromkeys(asked)),
        )


def _check_claims(
    claims: Sequence[Claim], asked: Iterable[str], *, scenario: str, targets: Iterable[Target]
) -> None:
    names = [target.name for target in targets]
    for claim in claims:
        choice("scenario", claim.scenario, [scenario])
        for name in (claim.variant, claim.reference):
            choice("target", name, names)
        if claim.regime:
            choice("regime", claim.regime, [NATIVE])
    for name in asked:
        choice("claim", name, [claim.name for claim in claims])


def _only(scenarios: Sequence[str]) -> Path:
    if len(scenarios) != 1 or not scenarios[0].endswith(".py"):
        raise UsageError("--target needs one --scenario FILE.py that says what to ask of them")
    return Path(scenarios[0])


def _targets(texts: Iterable[str]) -> tuple[Target, ...]:
    found = tuple(_target(text) for text in texts)
    names = [target.name for target in found]
    if len(set(names)) < 2 or len(set(names)) < len(names):  # noqa: PLR2004
        raise UsageError(
            "a comparison needs two targets or more, each with a name of its own: "
            "--target a=http://127.0.0.1:8000 --target b=http://127.0.0.1:8001"
        )
    return found


def _target(text: str) -> Target:
    name, _, url = text.partition("=")
    if not _NAME.fullmatch(name) or not is_http_address(url):
        raise UsageError(
            f"--target {text}: it takes NAME=http://HOST:PORT, without a path; https needs a "
            "proxy on this side, which would be measured along"
        )
    return Target(name, url.rstrip("/"))
