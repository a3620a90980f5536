"""Races written by hand: short ones, with what decides."""

from benchmarks.coherence.race.findings import Race, RaceStep, Recording, ServerState
from tests.unit.benchmarks.coherence.histories import TODO, Span, created, listed, updated
from tests.unit.benchmarks.simulate import ENVIRONMENT

_NS_PER_MS = 1_000_000
_ENDS_MS = dict(zip(RaceStep, (19, 49, 69, 89, 99), strict=True))


def recording(variant: str = "naive", *, revision: int = 1) -> Recording:
    """Return a race in which both later reads are answered with this revision of the todo."""
    shown = "before" if revision == 1 else "after"
    return Recording(
        variant=variant,
        operations=(
            created(_ms(0, 10)),
            # The reader whose value is held: its read began before the write.
            listed(_ms(20, 80), {TODO: 1}),
            updated(_ms(50, 60), 2),
            listed(_ms(90, 95), {TODO: revision}),
            listed(_ms(96, 99), {TODO: revision}),
        ),
        states=(
            _state(RaceStep.PREPARE, "before", "nothing"),
            _state(RaceStep.READ, "before", "a fill token"),
            _state(RaceStep.WRITE, "after", "nothing"),
            _state(RaceStep.DELIVER, "after", shown, 297.4),
            _state(RaceStep.READ_AGAIN, "after", shown, 297.4),
        ),
        held_ns=45 * _NS_PER_MS,
        arrived_ns=70 * _NS_PER_MS,
    )


def race(*recordings: Recording) -> Race:
    """Return these recordings with the environment that a report names."""
    return Race(environment=ENVIRONMENT, recordings=recordings or (recording(),))


def _ms(begun: int, ended: int) -> Span:
    return begun * _NS_PER_MS, ended * _NS_PER_MS


def _state(step: RaceStep, mongodb: str, redis: str, expires_s: float | None = None) -> ServerState:
    at_ns = _ENDS_MS[step] * _NS_PER_MS
    return ServerState(step=step, at_ns=at_ns, mongodb=mongodb, redis=redis, expires_s=expires_s)
