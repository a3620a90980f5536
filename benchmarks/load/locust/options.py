"""The options that the locustfile adds to Locust's; each also by environment variable.

None of them is in a form of the web UI: the command line alone decides.
"""

from argparse import ArgumentTypeError
from collections.abc import Callable, Mapping
from typing import Any

from locust.argument_parser import LocustArgumentParser

from benchmarks.scenarios import LOADABLE

SERVICE = "service"
"""The variant's name where only ``--host`` is given."""
NO_TARGET = (
    "Nothing to load: name both variants with --uncached URL and --cached URL "
    "(or FIVEFOLD_UNCACHED and FIVEFOLD_CACHED), or one service with --host URL"
)
DEFAULT_SCENARIO = "mostly-reads"
PLANS = ("side-by-side", "blocks")
_LEAST_RATE = 0.01
_LEAST_BLOCK_S = 0.1


def targets_of(options: Any, host: str | None) -> Mapping[str, str]:
    """Return the address of each variant; the one ``host`` where no variant has an address."""
    named = {"uncached": options.uncached, "cached": options.cached}
    found = {name: url for name, url in named.items() if url} or {SERVICE: host or ""}
    return {name: url.rstrip("/") for name, url in found.items() if url}


def add_options(parser: LocustArgumentParser, **_: object) -> None:
    """Add the options; Locust calls this before it parses."""
    group = parser.add_argument_group("fivefold", "How the services are loaded")

    def add(name: str, default: object, explanation: str, **more: Any) -> None:
        variable = "FIVEFOLD_" + name.upper().replace("-", "_")
        named = f"{variable}, {default}" if default != "" else variable
        explained = f"{explanation} ({named})"
        group.add_argument(f"--{name}", env_var=variable, default=default, help=explained, **more)

    add("uncached", "", "Address of the service without cache")
    add("cached", "", "Address of the service with cache")
    add("accounts", 50, "How many accounts mixes are about", type=_within(int, 1))
    add("think-seconds", 0.5, "Mean pause of a user, in seconds", type=_within(float, 0))
    add("load-seed", 1, "What everything random is drawn from", type=int)
    rate = _within(float, _LEAST_RATE)
    add("open-rate", 20.0, "Arrivals per second of each OpenLoop user", type=rate)
    add("turns", PLANS[0], "When which variant is loaded", choices=PLANS)
    add("block-seconds", 2.0, "Length of a block", type=_within(float, _LEAST_BLOCK_S))
    add("blocks", 10, "Blocks of every variant", type=_within(int, 1))
    add("warm-up-seconds", 2.0, "Time before the first block", type=_within(float, 0))
    add("samples-dir", "", "Folder for the raw samples")
    scenario = "What users do, for its class or OpenLoop"
    add("scenario", DEFAULT_SCENARIO, scenario, choices=LOADABLE)
    add("web-names", "", "Names of this machine for browsers, beside localhost and addresses")
    add("admin-token", "", "Lets the fivefold page flip the flag")


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
