"""The variants that can be compared; a rival is one more entry here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

from benchmarks.storage.usage import UsageError, choice

REFERENCE = "uncached"
DEFAULT = (REFERENCE, "cached")
"""The variants of a comparison that names none."""
CEILING = "static"
"""The ceiling that shows the cost of the framework alone."""
EXTRA = "rivals"
"""The extra of this project that installs the packages of every variant."""

VariantKind = Literal["reference", "ours", "rival", "ablation", "ceiling"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One way of running the todo service.

    ``kind`` says what it is compared for: everything is measured against the reference, ours is
    what is claimed to be fast, a rival is another way to cache the same service, an ablation is
    ours or the reference without one of the things that make it fast. A ceiling is no service: it
    answers reads only, with bytes of its own and without ``Cache-Status``.

    ``module`` is the module that is run, with ``env`` beside its usual environment. With
    ``uses_redis`` it gets a Redis database of its own and its cache on; without, its cache off
    and no Redis at all. ``packages`` are the distributions of which the version matters and which
    the project works without.
    """

    name: str
    description: str
    kind: VariantKind = "rival"
    uses_redis: bool
    module: str = "service"
    packages: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    workers: int = 1

    def on(self, workers: int) -> "Variant":
        """Return the variant with so many worker processes, by a name of its own."""
        if workers == 1:
            return self
        return replace(self, name=f"{self.name}-x{workers}", workers=workers)

    @property
    def is_twinned(self) -> bool:
        """Tell whether it is also compared with itself: what claims are about."""
        return self.kind in {"reference", "ours"}


def _rival(name: str, description: str, *packages: str) -> Variant:
    module = f"benchmarks.variants.rivals.{name.replace('-', '_')}"
    return Variant(
        name=name, description=description, uses_redis=True, module=module, packages=packages
    )


def _ablation(name: str, description: str, *, uses_redis: bool = True) -> Variant:
    return Variant(
        name=name,
        description=description,
        kind="ablation",
        uses_redis=uses_redis,
        module="benchmarks.variants.ablation",
        env={"FIVEFOLD_ABLATION": name},
    )


VARIANTS: Mapping[str, Variant] = {
    variant.name: variant
    for variant in (
        Variant(
            name=REFERENCE,
            description="every read asks the database; no Redis client exists",
            kind="reference",
            uses_redis=False,
        ),
        Variant(
            name="cached",
            description="cache-aside in Redis for the user and the todo list",
            kind="ours",
            uses_redis=True,
        ),
        _rival("naive", "the tutorial's cache-aside, deleted after writes, done with care"),
        _rival("cashews", "cashews: decorators over the reads and the writes", "cashews"),
        _rival("aiocache", "aiocache: a decorator over the reads, a delete after", "aiocache"),
        _rival("fastapi-redis-sdk", "Redis' own CacheBackend for FastAPI", "fastapi-redis-sdk"),
        Variant(
            name="static",
            description="fixed bytes by a FastAPI route: what the framework costs",
            kind="ceiling",
            uses_redis=False,
            module="benchmarks.variants.rivals.static",
        ),
        Variant(
            name="bare",
            description="fixed bytes without a framework: what uvicorn costs",
            kind="ceiling",
            uses_redis=False,
            module="benchmarks.variants.rivals.bare",
        ),
        _ablation("no-busy-reads", "every read passes through FastAPI"),
        _ablation("no-whole-answers", "uvicorn sends every answer"),
        _ablation("no-shared-connection", "a pool: each command a write and a read of its own"),
        _ablation("no-coalesced-writes", "one connection, but each command a write of its own"),
        _ablation("no-token-memo", "every request verifies its token's signature"),
        _ablation("no-decoded-memo", "every hit decodes the account"),
        _ablation("no-frozen-heap", "the garbage collector looks through everything"),
        _ablation("no-uvloop", "asyncio's own event loop"),
        _ablation("no-httptools", "the HTTP parser h11"),
        _ablation("no-concurrent-finds", "uncached, one find after the other", uses_redis=False),
    )
}

OTHERS = tuple(name for name in VARIANTS if name != REFERENCE)
"""All that can be compared with the reference."""

SERVICES: Mapping[str, Variant] = {
    name: variant
    for name, variant in VARIANTS.items()
    if variant.kind in {"reference", "ours", "rival"}
}
"""The variants that are whole services."""

CACHING: Mapping[str, Variant] = {
    name: variant for name, variant in SERVICES.items() if variant.uses_redis
}
"""The whole services that cache, and so can be stale."""


def missing_packages(variant: Variant) -> tuple[str, ...]:
    """Return those of the variant's packages that are not installed; nothing is imported."""
    return tuple(package for package in variant.packages if installed_version(package) is None)


def installed_version(package: str) -> str | None:
    """Return the version of a distribution, or ``None`` if it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def check_variants(names: Iterable[str], choices: Mapping[str, Variant] = VARIANTS) -> None:
    """Raise ``UsageError`` for a variant that is no choice or lacks a package."""
    for name in names:
        variant = choices[choice("variant", name, choices)]
        missing = missing_packages(variant)
        if missing:
            raise UsageError(
                f"variant {name} needs {', '.join(missing)}, which is not installed: "
                f"install the extra {EXTRA} (pip install 'fivefold[{EXTRA}]')"
            )
