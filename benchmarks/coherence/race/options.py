"""The options of ``fivefold race``, checked before anything starts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from benchmarks.storage.run_folder import check_out
from benchmarks.storage.usage import DEFAULT_OUT
from benchmarks.variants.registry import VARIANTS, Variant, check_variants

DEFAULT = ("naive", "cached")
"""The one that has to be caught, and ours."""
CHOICES: Mapping[str, Variant] = {
    name: variant
    for name, variant in VARIANTS.items()
    if variant.kind in {"reference", "ours", "rival"}
}
"""The variants that are whole services."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RaceOptions:
    """Which variants race, and where to leave it. Construction raises ``UsageError``."""

    variants: Sequence[str]
    out: Path = DEFAULT_OUT

    @classmethod
    def asked_for(cls, variants: Sequence[str], out: Path) -> Self:
        """Take what was asked for; no variant means the default ones."""
        return cls(variants=tuple(dict.fromkeys(variants)) or DEFAULT, out=out)

    def __post_init__(self) -> None:
        check_variants(self.variants, CHOICES)
        check_out(self.out)
