"""The options that the locustfile adds to Locust's; each also by environment variable."""

from argparse import ArgumentTypeError, Namespace
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from locust.argument_parser import LocustArgumentParser

from benchmarks.scenarios import LOADABLE

SERVICE = "service"
"""The variant's name where only ``--host`` is given."""
NO_TARGET = (
    "Nothing to load: name both variants with --uncached URL and --cached URL "
    "(or FIVEFOLD_UNCACHED and FIVEFOLD_CACHED), or one service with --host URL"
)
PLANS = ("side-by-side", "blocks")
_VARIANTS = ("uncached", "cached")


@dataclass(frozen=True, slots=True, kw_only=True)
class LocustOptions:
    """The options of one process; seconds where a name says so."""

    addresses: Mapping[str, str]
    accounts: int
    think_seconds: float
    load_seed: int
    open_rate: float
    turns: str
    block_seconds: float
    blocks: int
    warm_up_seconds: float
    scenario: str

    @classmethod
    def of(cls, options: Namespace, host: str | None) -> Self:
        """Return what was parsed, or what the form of the web UI has changed since.

        The one ``host`` is only meant where no variant has an address.
        """
        addresses = {name: getattr(options, name) for name in _VARIANTS if getattr(options, name)}
        if not addresses and host:
            addresses = {SERVICE: host}
        return cls(
            addresses={name: url.rstrip("/") for name, url in addresses.items()},
            accounts=max(1, options.accounts),
            think_seconds=max(0.0, options.think_seconds),
            load_seed=options.load_seed,
            open_rate=max(_LEAST_RATE, options.open_rate),
            turns=options.turns,
            block_seconds=options.block_seconds,
            blocks=options.blocks,
            warm_up_seconds=options.warm_up_seconds,
            scenario=options.scenario,
        )


def add_options(parser: LocustArgumentParser, **_: object) -> None:
    """Add the options; Locust calls this before it parses."""
    group = parser.add_argument_group("fivefold", "How the services are loaded")

    def add(
        name: str, default: object, explanation: str, *, form: bool = False, **more: Any
    ) -> None:
        variable = "FIVEFOLD_" + name.upper().replace("-", "_")
        named = f"{variable}, {default}" if default != "" else variable
        action: Any = group.add_argument(
            f"--{name}", env_var=variable, default=default, help=f"{explanation} ({named})", **more
        )
        # A group's options would not be in the form of the web UI otherwise.
        action.include_in_web_ui = form
        action.is_secret = action.is_required = action.is_multiple = False

    add("uncached", "", "Address of the service without cache", type=_address)
    add("cached", "", "Address of the service with cache", type=_address)
    add("accounts", 50, "How many accounts mixes are about", type=_within(int, 1), form=True)
    add("think-seconds", 0.5, "Mean pause of a user, in seconds", type=_within(float, 0), form=True)
    add("load-seed", 1, "What everything random is drawn from", type=int)
    add(
        "open-rate",
        20.0,
        "Arrivals per second of each OpenLoop user",
        type=_within(float, _LEAST_RATE),
        form=True,
    )
    add("turns", PLANS[0], "When which variant is loaded", choices=PLANS)
    add("block-seconds", 2.0, "Length of a block", type=_within(float, _LEAST_BLOCK_S))
    add("blocks", 10, "Blocks of every variant", type=_within(int, 1))
    add("warm-up-seconds", 2.0, "Time before the first block", type=_within(float, 0))
    add("samples-dir", "", "Folder for the raw samples")
    add("scenario", "", "What users do, for its class or OpenLoop", choices=("", *LOADABLE))
    add("web-names", "", "Names of this machine for browsers, beside localhost and addresses")
    add("admin-token", "", "Lets the fivefold page flip the flag")


_LEAST_RATE = 0.01
_LEAST_BLOCK_S = 0.1


def _within(kind: Callable[[str], float], least: float) -> Callable[[str], float]:
    def convert(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = least - 1
        if not least <= value < float("inf"):
            raise ArgumentTypeError(f"takes a number of at least {least}")
        return value

    return convert


def _address(text: str) -> str:
    if text and not text.startswith("http://"):
        raise ArgumentTypeError("takes an http:// address")
    return text
