"""The times of a variant's blocks, by restart and in order, and the ratio of two variants' times.

Blocks of a load hold as many writes as chance had it, and on a slow database a write costs as much
as twenty reads: their number would be most of what blocks differ by. So each kind of request is
averaged for itself and weighed by its share of the whole run, the same for every variant
(post-stratification; Holt and Smith, "Post stratification", JRSS A 142, 1979).
"""

import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from benchmarks.analysis.model.observed import MS_PER_S
from benchmarks.analysis.stats.intervals import LEAST_OBSERVATIONS, Interval, nested_log_interval
from benchmarks.storage.records import LOAD, Sample

Which = Callable[[Sample], bool]


def duration_s(sample: Sample) -> float:
    """Return what a request took in seconds."""
    return sample.duration_s


def duration_ms(sample: Sample) -> float:
    """Return what a request took in milliseconds."""
    return sample.duration_s * MS_PER_S


def complete_observations(samples: Iterable[Sample], variants: Sequence[str]) -> list[Sample]:
    """Return the samples of those observations in which every variant had its block."""
    samples = list(samples)
    seen: dict[int, set[str]] = defaultdict(set)
    for sample in samples:
        seen[sample.observation].add(sample.variant)
    return [sample for sample in samples if seen[sample.observation] >= set(variants)]


def observations(samples: Iterable[Sample]) -> int:
    """Count the observations."""
    return len({sample.observation for sample in samples})


def session_totals_s(
    samples: Iterable[Sample], value: Callable[[Sample], float] = duration_s
) -> Mapping[tuple[int, int], float]:
    """Return the summed request times of each session of one variant, by block and session.

    Or the sums of another ``value`` of its requests.
    """
    totals: dict[tuple[int, int], float] = defaultdict(float)
    for sample in samples:
        totals[sample.block, sample.session] += value(sample)
    return totals


def block_session_means(
    samples: Iterable[Sample], variant: str, value: Callable[[Sample], float]
) -> list[list[float]]:
    """Return the mean of a variant's session sums of a value per block, by restart, in order."""
    own = [sample for sample in samples if sample.variant == variant]
    place = {sample.block: (sample.restart, sample.observation) for sample in own}
    totals: dict[tuple[int, int], list[float]] = defaultdict(list)
    for (block, _), total in session_totals_s(own, value).items():
        totals[place[block]].append(total)
    by_restart: dict[int, list[float]] = defaultdict(list)
    for restart, observation in sorted(totals):
        by_restart[restart].append(statistics.fmean(totals[restart, observation]))
    return [by_restart[restart] for restart in sorted(by_restart)]


def block_requests_ms(samples: Iterable[Sample], variant: str) -> list[list[list[float]]]:
    """Return the times of a variant's single requests by restart and block, in order."""
    blocks: dict[int, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for sample in samples:
        if sample.variant == variant:
            blocks[sample.restart][sample.observation].append(duration_ms(sample))
    return [[each[key] for key in sorted(each)] for _, each in sorted(blocks.items())]


def block_totals_ms(samples: Sequence[Sample], variant: str) -> list[list[float]]:
    """Return a variant's mean session total per block, by restart, in order.

    Of a load it is the mean of the usual mix of what sessions do.
    """
    if samples and samples[0].regime == LOAD:
        means = _load_means_ms(samples, variant)
        return [[means[observation] for observation in sorted(means)]]
    return block_session_means(samples, variant, duration_ms)


def block_means_ms(
    samples: Iterable[Sample], variant: str, value_ms: Callable[[Sample], float] = duration_ms
) -> list[float]:
    """Return a variant's mean per request in each block, in the order of the observations."""
    blocks: dict[int, list[float]] = defaultdict(list)
    for sample in samples:
        if sample.variant == variant:
            blocks[sample.observation].append(value_ms(sample))
    return [statistics.fmean(blocks[key]) for key in sorted(blocks)]


def _load_means_ms(samples: Iterable[Sample], variant: str) -> dict[int, float]:
    """Return a variant's mean session in each observation, of the mix of sessions of all variants.

    An observation without a kind of session gets the mean that this kind has in all of them; kinds
    that the variant never had weigh nothing.
    """
    sessions: dict[tuple[int, int], list[Sample]] = defaultdict(list)
    for sample in samples:
        sessions[sample.block, sample.session].append(sample)
    weights: Counter[tuple[str, ...]] = Counter()
    times_ms: dict[int, dict[tuple[str, ...], list[float]]] = defaultdict(lambda: defaultdict(list))
    everywhere: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for each in sessions.values():
        kind = tuple(sample.action for sample in each)
        weights[kind] += 1
        if each[0].variant == variant:
            took_ms = MS_PER_S * sum(sample.duration_s for sample in each)
            times_ms[each[0].observation][kind].append(took_ms)
            everywhere[kind].append(took_ms)
    usual = {kind: statistics.fmean(every) for kind, every in everywhere.items()}
    whole = sum(weights[kind] for kind in usual)
    return {
        observation: sum(
            weights[kind] * (statistics.fmean(kinds[kind]) if kind in kinds else mean)
            for kind, mean in usual.items()
        )
        / whole
        for observation, kinds in times_ms.items()
    }


def everything(_sample: Sample) -> bool:
    """Have every request count."""
    return True


def time_ratio(
    samples: Sequence[Sample], above: str, below: str, *, of: Which = everything
) -> Interval | None:
    """Return the total time of one variant over that of another, of the requests that count.

    It is the ratio of what their blocks took, paired within restarts, each restart being one
    observation where there are several: see ``nested_log_interval`` for formula, sources and
    coverage. Both did the same, so it is the ratio of their mean times as well. Only where what a
    machine adds is as large and as skewed as the times themselves it is that of usual blocks, which
    a few very slow ones move less (simulated: 1.12 where means have 1.11, and with ten times that
    noise 1.04 where they have 1.02). Whether a request counts is told by its place or its action
    and never by what came of it, so that nothing is chosen by its outcome. None for fewer than two
    observations, or other ones of the one variant than of the other.
    """
    counted = [sample for sample in samples if of(sample)]
    sides = [
        {sample.observation for sample in counted if sample.variant == name}
        for name in (above, below)
    ]
    if sides[0] != sides[1] or len(sides[0]) < LEAST_OBSERVATIONS:
        return None
    return nested_log_interval(block_totals_ms(counted, above), block_totals_ms(counted, below))
