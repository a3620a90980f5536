"""A race in words and tables: what was said, what lay in the servers, what came of it."""

from collections.abc import Mapping
from typing import Any

from benchmarks.coherence.race.description import LIST
from benchmarks.coherence.race.recording import (
    BEFORE,
    Delivery,
    Event,
    Race,
    RaceStep,
    Recording,
    ServerState,
)
from benchmarks.coherence.race.verdict import CAUGHT, judge, sentence
from benchmarks.report.figures import ms
from benchmarks.report.page import Page, Section, Table

TITLES: Mapping[RaceStep, str] = {
    RaceStep.PREPARE: "Nobody has cached the list",
    RaceStep.READ: "A misses, reads the database, and stores",
    RaceStep.WRITE: "B writes, and acknowledges",
    RaceStep.DELIVER: "What A stored arrives",
    RaceStep.READ_AGAIN: "Anybody reads",
}
"""What each step is about."""
_NOTHING = "nothing"
_WAYS: Mapping[Delivery, str] = {
    Delivery.SENT: "",
    Delivery.ANSWERED: "",
    Delivery.HELD: "held on its way: ",
    Delivery.ARRIVED: "arrives late: ",
}


def page(race: Race) -> Page:
    """Return the report of a race."""
    environment = race.environment
    return Page(
        title="The stale set, recorded",
        headline=[_how(environment)],
        lead=conclusion(race),
        sections=[section for each in race.recordings for section in _sections(each)],
    )


def events(recording: Recording, *steps: RaceStep) -> Table:
    """Return what was said in these steps, or in all."""
    rows = [_row(recording, each) for each in recording.events if not steps or each.step in steps]
    return Table(["ms", "from", "to", "says"], rows)


def looks(recording: Recording) -> Table:
    """Return what lay in the servers after each step."""
    rows = [[TITLES[look.step], look.mongodb, in_redis(look)] for look in recording.looks]
    return Table(["after the step", "MongoDB has", "Redis has"], rows)


def in_redis(look: ServerState) -> str:
    """Return what Redis holds of the list, a mark beside it, and for how long it holds what is old.

    What the todo's list holds is ``before`` or ``after``, as in the database, or what stands in
    its place.
    """
    said = look.redis.get(LIST, _NOTHING)
    if "writers" in look.redis:
        said += ", and a writer's mark"
    if is_old(look) and look.expires_s is not None:
        said += f", for {look.expires_s:.0f} s more"
    return said


def is_old(look: ServerState) -> bool:
    """Tell whether Redis holds another list than the database."""
    return look.redis.get(LIST) == BEFORE != look.mongodb


def conclusion(race: Race) -> str:
    """Return what the race has shown, and what it has not."""
    said = [sentence(recording) for recording in race.recordings]
    control = [judge(each) for each in race.recordings if each.variant == CAUGHT]
    if not control:
        said.append(f"{CAUGHT} did not take part, so nothing shows that the play catches anybody.")
    elif not control[0].is_stale:
        said.append(f"{CAUGHT} was not caught: this play has shown nothing.")
    return " ".join(said)


def _how(environment: Mapping[str, Any]) -> str:
    servers = " and ".join(environment[name]["label"] for name in ("database", "redis"))
    return (
        f"Two processes of each variant on {servers}, {environment['date_utc']}, "
        f"{environment['python']}. Each reaches Redis through a proxy of its own; that of process "
        "A keeps what A stores until process B has acknowledged a write. `fivefold race` plays it "
        "again."
    )


def _sections(recording: Recording) -> list[Section]:
    return [
        Section(f"{recording.variant}: what was said", table=events(recording)),
        Section(f"{recording.variant}: what lay where", table=looks(recording)),
    ]


def _row(recording: Recording, event: Event) -> list[str]:
    said = _WAYS[event.way] + event.said
    if event.operation in judge(recording).stale:
        said += ", STALE"
    return [ms(event.at_ms), event.actor, event.to, said]
