"""The claims: the tutorial's statements, and those a user makes in words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

from benchmarks.analysis.model.cost import CostModel

Statistic = Literal[
    "total", "mean", "p50", "p95", "p99", "miss", "hit ms", "total ms", "reference ms", "queries"
]
"""The statistic of a claim.

``total`` is the session's whole time, ``mean`` and the percentiles are of its single requests:
each as reference / variant, how many times as fast the variant is. ``miss`` is a first read over
the reference's, ``queries`` how many reads reach the database, reference / variant. The others
are times: the median hit, the variant's and the reference's session total.
"""
MARGIN = 0.10
"""By how much a ratio may differ from what is claimed, and what counts as a change."""
ClaimKind = Literal["equals", "at_least", "at_most"]
RATIOS: tuple[Statistic, ...] = ("total", "mean", "p50", "p95", "p99")
_SIGNS: Mapping[str, ClaimKind] = {">=": "at_least", "<=": "at_most", "=": "equals", "==": "equals"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A statement about one scenario that can turn out to hold or not.

    ``equals`` is judged with the usual margin on both sides, ``at_most`` with ``margin`` above,
    ``at_least`` without any. An empty ``variant``
    means each that caches, an empty ``reference`` the run's, an empty ``regime`` each of the role
    ``claim``.
    """

    name: str
    scenario: str
    text: str
    kind: ClaimKind
    value: float
    margin: float = 0.0
    statistic: Statistic = "total"
    variant: str = ""
    reference: str = ""
    regime: str = ""

    @property
    def is_count(self) -> bool:
        """Tell whether it is about counts, which no noise can change."""
        return self.statistic == "queries"

    def about(self, reference: str, variant: str) -> tuple[str, ...]:
        """Return the variants that are measured for it."""
        if self.statistic == "reference ms":
            return (reference,)
        return (variant,) if self.unit == "ms" else (reference, variant)

    @property
    def unit(self) -> str:
        """Return what the value is counted in."""
        return "ms" if self.statistic.endswith("ms") else "x"


SEED_READS = 5
SEED_MODEL = CostModel(app_ms=0.0, database_ms=50.0, hit_ms=1.0, miss_ms=0.0)
SEED_RATIO = SEED_MODEL.speedup(SEED_READS)
SESSION = "session"

CLAIMS: Mapping[str, Claim] = {
    claim.name: claim
    for claim in (
        Claim(
            name="C1",
            scenario=SESSION,
            text="250 ms / 54 ms = 4.63x for five reads from a cold cache",
            kind="equals",
            value=SEED_RATIO,
        ),
        Claim(
            name="C2",
            scenario=SESSION,
            text="5x faster, taken literally, for five reads from a cold cache",
            kind="at_least",
            value=5.0,
        ),
        Claim(
            name="C3",
            scenario=SESSION,
            text="a hit costs about 1 ms, or less",
            kind="at_most",
            margin=MARGIN,
            statistic="hit ms",
            value=1.0,
        ),
        Claim(
            name="C4a",
            scenario=SESSION,
            text="five reads take 250 ms without Redis",
            kind="equals",
            statistic="reference ms",
            value=SEED_MODEL.uncached_total_ms(SEED_READS),
        ),
        Claim(
            name="C4b",
            scenario=SESSION,
            text="five reads take 54 ms with Redis",
            kind="equals",
            statistic="total ms",
            value=SEED_MODEL.cached_total_ms(SEED_READS),
        ),
        Claim(
            name="C5",
            scenario=SESSION,
            text="the first read, a miss, costs no more than without Redis",
            kind="at_most",
            margin=MARGIN,
            statistic="miss",
            value=1.0,
        ),
        Claim(
            name="C6",
            scenario=SESSION,
            text="five reads ask the database once instead of five times",
            kind="equals",
            statistic="queries",
            value=5.0,
        ),
    )
}


class ClaimUnreadable(ValueError):
    """A claim in words is not one; the message says how they are made."""


_CLAIM = re.compile(
    r"(?P<variant>[\w.+-]+)\s*/\s*(?P<reference>[\w.+-]+)\s+"
    r"(?P<statistic>total|mean|p50|p95|p99)\s*(?P<sign>>=|<=|==?)\s*"
    r"(?P<value>\d+(?:\.\d+)?)\s*x?"
    r"(?:\s+of\s+(?P<scenario>[\w.+-]+))?(?:\s+in\s+(?P<regime>[\w.+/-]+))?"
)


def parse_claim(text: str, *, name: str, scenario: str = SESSION) -> Claim:
    """Read a claim such as ``cached/uncached p50 >= 5 of session in native``.

    It says how many times as fast the first variant is as the second. Raises
    ``ClaimUnreadable``.
    """
    found = _CLAIM.fullmatch(text.strip())
    if found is None:
        raise ClaimUnreadable(
            "a claim reads VARIANT/REFERENCE STATISTIC SIGN NUMBER [of SCENARIO] [in REGIME], such "
            'as "cached/uncached p50 >= 5"; statistics are '
            f"{', '.join(RATIOS)}, signs are >=, <= and ="
        )
    value = float(found["value"])
    if value <= 0 or found["variant"] == found["reference"]:
        raise ClaimUnreadable("it needs two different variants and a number above 0")
    return Claim(
        name=name,
        scenario=found["scenario"] or scenario,
        text=" ".join(text.split()),
        kind=_SIGNS[found["sign"]],
        value=value,
        statistic=cast("Statistic", found["statistic"]),
        variant=found["variant"],
        reference=found["reference"],
        regime=found["regime"] or "",
    )
