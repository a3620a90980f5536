"""Three parties have to agree on what the cache answered: headers, Redis and the database.

A hit is one ``MGET`` of two keys that are there, so in the warm part Redis counts as many hits as
the headers name. A lookup that is no hit is one find, cold, warm and without a cache. In the cold
part Redis counts more than the reads' own lookups: filling looks at the token that it left.
"""

from collections.abc import Iterator, Sequence

from benchmarks.analysis.checks.check import Check, wrong_if
from benchmarks.storage.records import NATIVE, Counted, Lookups

SLOTS = 2
"""The finds of a read of the todo list: the user and the todos."""


_ADVICE = (
    "the hit ratio cannot be trusted: does another client use that Redis or that database, is the "
    "TTL very short, does Cache-Status say how each read was answered?"
)


def counters(found: Sequence[Counted], *, caches: bool) -> Check:
    """Check what was counted of one variant, in every restart.

    What ``caches`` must miss when the cache is empty and hit ever after; what does not must ask
    the database each time. Redis must have counted the warm hits and no others. What a server
    does not tell is not checked.
    """
    faults = [
        f"{fault} (restart {each.restart})"
        for each in found
        for fault in _faults(each, caches=caches)
    ]
    return Check(
        name="counters",
        scenario="",
        regime=NATIVE,
        result=wrong_if(faults),
        detail=f"{found[0].variant}: {'; '.join(faults) or _summed(found, caches=caches)}",
        advice=_ADVICE if faults else "",
        variants=(found[0].variant,),
    )


def _faults(found: Counted, *, caches: bool) -> Iterator[str]:
    for name, each, hits in (
        ("cold", found.cold, 0),
        ("warm", found.warm, SLOTS * found.warm.reads if caches else 0),
    ):
        if each.answered != each.reads:
            yield f"{each.reads - each.answered} of {each.reads} {name} answers were not 200"
        if each.hits != hits:
            yield f"headers name {each.hits} {name} hits, not {hits}"
        yield from _finds(name, each)
    redis_hits = found.warm.keyspace_hits
    if redis_hits is not None and redis_hits != found.warm.hits:
        yield f"Redis counted {redis_hits} warm hits, headers name {found.warm.hits}"


def _finds(name: str, each: Lookups) -> Iterator[str]:
    for slot, finds, hits in (
        ("users", each.user_finds, each.user_hits),
        ("todos", each.todos_finds, each.todos_hits),
    ):
        if finds is not None and finds != each.reads - hits:
            yield (
                f"{finds} {name} finds of {slot}, where headers leave {each.reads - hits} lookups"
            )


def _summed(found: Sequence[Counted], *, caches: bool) -> str:
    seen = [
        _part("cold", [each.cold for each in found]),
        _part("warm", [each.warm for each in found]),
    ]
    if any(part.finds is None for each in found for part in (each.cold, each.warm)):
        seen.append("finds not checked: the database does not answer top")
    if caches and any(each.warm.keyspace_hits is None for each in found):
        seen.append("Redis not checked: it does not tell")
    return ", ".join(seen)


def _part(name: str, lookups: Sequence[Lookups]) -> str:
    total = SLOTS * sum(each.reads for each in lookups)
    seen = f"{name} {sum(each.hits for each in lookups)} of {total} lookups hit"
    finds = [each.finds for each in lookups if each.finds is not None]
    return f"{seen} and {sum(finds)} made finds" if len(finds) == len(lookups) else seen
