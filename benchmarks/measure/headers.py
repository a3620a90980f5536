"""What the service says about an answer: Cache-Status (RFC 9211) and Server-Timing."""

from collections.abc import Mapping

from benchmarks.storage.records import Outcome


def outcome_of(cache_status: str | None) -> Outcome:
    """Return the outcome of a whole answer from the state of each of its slots.

    ``todos; hit, user; hit`` is a hit, ``todos; hit, user; fwd=miss`` partial, and any forward
    reason but a bypass counts as a miss. Without the header, or with nothing readable in it, the
    outcome is unknown.
    """
    slots = {_slot(member) for member in (cache_status or "").split(",")}
    if slots == {"hit"}:
        return "hit"
    if slots == {"bypass"}:
        return "bypass"
    if "unknown" in slots:
        return "unknown"
    return "partial" if "hit" in slots else "miss"


def slots_of(cache_status: str | None) -> str:
    """Return each slot with what it was, such as ``todos=invalidated user=hit``.

    What was no hit shows the reason where the service gives one (``detail``), else ``miss`` or
    ``bypass``.
    """
    return " ".join(_named(member) for member in (cache_status or "").split(",") if member.strip())


def timings_of(server_timing: str | None) -> Mapping[str, float]:
    """Return the durations in ms by metric name; metrics without a readable one are left out."""
    timings: dict[str, float] = {}
    for metric in (server_timing or "").split(","):
        name, *parameters = (part.strip() for part in metric.split(";"))
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip().lower() == "dur":
                try:
                    timings[name] = float(value)
                except ValueError:
                    continue
    return timings


def _slot(member: str) -> str:
    """Return hit, bypass, miss or unknown for one member of the Cache-Status list."""
    _, *parameters = (part.strip() for part in member.split(";"))
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key == "hit":
            return "hit"
        if key == "fwd":
            return "bypass" if value == "bypass" else "miss"
    return "unknown"


def _named(member: str) -> str:
    name, *parameters = (part.strip() for part in member.split(";"))
    values = dict(parameter.partition("=")[::2] for parameter in parameters)
    return f"{name}={'hit' if 'hit' in values else values.get('detail') or _slot(member)}"
