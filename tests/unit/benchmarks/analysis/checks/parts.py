"""Parts of runs that never happened, each sound unless changed."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from benchmarks.analysis.quantities.groups import Group
from benchmarks.measure.regimes import REGIMES
from benchmarks.storage.records import AGAIN, CONTROLS, NOISE, Sample, plain
from tests.unit.benchmarks.simulate import header, run_samples, sample, scenario, variants

TWICE = tuple(name + suffix for name in ("uncached", "cached") for suffix in ("", AGAIN))


def measured(
    samples: Sequence[Sample], *, run: Mapping[str, Any] | None = None, **of_scenario: Any
) -> Group:
    """Return samples as a group of a run with such a header and such a scenario."""
    first = samples[0]
    names = sorted({each.variant for each in samples}, key=_place)
    of_run = {"variants": variants(*dict.fromkeys(map(plain, names)))} | dict(run or {})
    return Group(
        header=header(**of_run),
        scenario=scenario(first.scenario, **of_scenario),
        regime=REGIMES[first.regime],
        variants=tuple(names),
        samples=samples,
    )


def _place(variant: str) -> tuple[bool, str]:
    """Have the reference come first."""
    return not variant.startswith("uncached"), variant


def changed(
    samples: Sequence[Sample], where: Mapping[str, object], **changes: object
) -> list[Sample]:
    """Change the first sample with these values."""
    place = next(
        number
        for number, entry in enumerate(samples)
        if all(getattr(entry, name) == value for name, value in where.items())
    )
    return [*samples[:place], replace(samples[place], **changes), *samples[place + 1 :]]  # type: ignore[arg-type]


def twice(*, pairs: int, noise: float, difference: float = 0.0, seed: int = 1) -> list[Sample]:
    """Measure every variant twice, the second time slower by a share ``difference``."""
    rng = random.Random(seed)
    return [
        sample(
            regime=NOISE,
            observation=observation,
            block=len(TWICE) * observation + place,
            variant=name,
            duration_s=0.002
            * rng.lognormvariate(0, noise)
            * (1 + difference if name.endswith(AGAIN) else 1),
        )
        for observation in range(pairs)
        for place, name in enumerate(TWICE)
    ]


def controlled(samples: Sequence[Sample]) -> list[Sample]:
    """Add the reference on slower databases to what was measured twice."""
    return [
        *samples,
        *(
            replace(
                each,
                variant=each.variant + suffix,
                block=each.block + 1000 * delay_ms,
                duration_s=each.duration_s + delay_ms / 1000,
                db_ms=(each.db_ms or 0.0) + delay_ms,
            )
            for suffix, delay_ms in CONTROLS.items()
            for each in samples
            if each.variant == "uncached"
        ),
    ]


def slower(
    samples: Sequence[Sample], where: Callable[[Sample], bool], factor: float
) -> list[Sample]:
    """Multiply the times of those samples that fit."""
    return [
        replace(each, duration_s=each.duration_s * factor) if where(each) else each
        for each in samples
    ]


def delayed(delay_ms: float, *, client_ms: float | None = None) -> list[Sample]:
    """Measure reads of 2.4 ms, a third of which is the database's, with a delay in both.

    ``client_ms`` is what the client sees of the delay, all of it unless told otherwise.
    """
    seen_ms = delay_ms if client_ms is None else client_ms
    samples = run_samples(
        regime=f"db+{delay_ms:g}ms" if delay_ms else "native",
        observations=10,
        times_ms={"bypass": 2.4, "miss": 3.4, "hit": 0.3},
        noise=0.07,
        seed=round(delay_ms) + 2,
    )
    return [
        replace(
            each,
            duration_s=each.duration_s + seen_ms / 1000,
            db_ms=each.duration_s / 3 * 1000 + delay_ms,
        )
        for each in samples
    ]
