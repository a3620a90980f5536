"""What two parties counted of the same reads: the answers' headers and the service itself."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping

from benchmarks.measure.client import ClientError, Connection, slots_of
from benchmarks.storage.records import Sample

CachedValues = Mapping[str, int]
"""How often a slot was answered in which way, such as ``todos=expired``."""

_OK = 200


def by_headers(samples: Iterable[Sample]) -> Counter[str]:
    """Count what ``Cache-Status`` said of each slot."""
    return Counter(slot for sample in samples for slot in sample.slots.split())


def by_service(connection: Connection, token: str) -> Counter[str]:
    """Return what the service has counted since its start; raises ``ClientError``."""
    request = connection.prepare(
        "GET", "/admin/cache", headers={"Authorization": f"Bearer {token}"}
    )
    answer = connection.send(request)
    if answer.status != _OK:
        raise ClientError(f"{connection.url}: /admin/cache answered {answer.status}")
    counters: Counter[str] = Counter()
    for status, count in json.loads(answer.body)["counters"].items():
        # The service counts by the words of the header, so both are read alike.
        counters[slots_of(status)] += count
    return counters


def disagreements(headers: CachedValues, service: CachedValues) -> list[str]:
    """Return a sentence for each way of answering that both did not count alike."""
    return [
        f"{slot}: headers {headers.get(slot, 0)}, service {service.get(slot, 0)}"
        for slot in sorted({*headers, *service})
        if headers.get(slot, 0) != service.get(slot, 0)
    ]


def of_slot(slots: CachedValues, name: str) -> dict[str, int]:
    """Return one slot's counts by the way it was answered, the most frequent first."""
    own = {
        way: count
        for slot, count in slots.items()
        for part, _, way in (slot.partition("="),)
        if part == name and count
    }
    return dict(sorted(own.items(), key=lambda item: (-item[1], item[0])))
