"""The variants that can be compared; a rival is one more entry here."""

from collections.abc import Mapping
from dataclasses import dataclass

REFERENCE = "uncached"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One way of running the todo service.

    ``module`` is the module that is run. With ``uses_redis`` it gets a Redis database of its own
    and its cache on; without, its cache off and no Redis at all.
    """

    name: str
    description: str
    uses_redis: bool
    module: str = "service"


VARIANTS: Mapping[str, Variant] = {
    variant.name: variant
    for variant in (
        Variant(
            name=REFERENCE,
            description="every read asks the database; no Redis client exists",
            uses_redis=False,
        ),
        Variant(
            name="cached",
            description="cache-aside in Redis for the user and the todo list",
            uses_redis=True,
        ),
    )
}
