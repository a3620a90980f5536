"""What is exported, read from the text that is scraped."""

from collections.abc import Iterable
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

from benchmarks.load.metrics import MetricsStore
from benchmarks.load.page.data import exposition, shown


@dataclass(frozen=True)
class Exported:
    """A metric by the name that a query uses; a histogram and a summary by their common one."""

    type: str
    labels: frozenset[str]


class ExportedLoad:
    """What Locust's process exports in a run with everything in it; it goes on with every look."""

    def __init__(self) -> None:
        self._store = MetricsStore()
        self._second = 0

    def answer(self, _method: str, path: str, *_: object) -> tuple[int, bytes, dict[str, str]]:
        """Be scraped where Locust's page is."""
        return (200, self.text().encode(), {}) if path == "/fivefold/metrics" else (404, b"", {})

    def text(self) -> str:
        """Return what is scraped."""
        for _ in range(8):
            self._second += 1
            self._store.record(self._second, "uncached", "bypass", 8000 + self._second)
            self._store.record(self._second, "cached", "hit", 1000)
        found = shown(self._store, since=0, variants=["uncached", "cached"])
        return exposition(found, users=4).decode()


def exported(texts: Iterable[str]) -> dict[str, Exported]:
    """Return all metrics of these texts, with every label that any sample of them has."""
    found: dict[str, Exported] = {}
    for text in texts:
        for family in text_string_to_metric_families(text):
            name = f"{family.name}_total" if family.type == "counter" else family.name
            labels = {label for sample in family.samples for label in sample.labels} - {"le"}
            known = found[name].labels if name in found else frozenset()
            found[name] = Exported(family.type, known | labels)
    return found


def metric_of(name: str, found: Iterable[str]) -> str | None:
    """Return the metric that a sample's name belongs to."""
    names = {name, *(name.removesuffix(suffix) for suffix in ("_bucket", "_sum", "_count"))}
    return next(iter(names & set(found)), None)
