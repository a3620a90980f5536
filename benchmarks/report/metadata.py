"""The sections around the figures: limits, method, variants, the machine."""

from collections.abc import Mapping, Sequence

from benchmarks.analysis.header import RunEnvironment, RunHeader
from benchmarks.report.computed import ModelResult, Results
from benchmarks.report.figures import count, times
from benchmarks.report.page import Section, Table


def ended_early(results: RunHeader) -> list[str]:
    """Return that a run did not come to its end, nothing of one that did."""
    if results.state == "complete":
        return []
    return [f"This run is {results.state}: {results.reason}. What was measured is below."]


def caveats(results: Results) -> list[str]:
    """Return the limits of what was measured that apply to this run."""
    lines = shared_caveats(results, results.models)
    if results.environment.is_foreign:
        return lines
    if results.load is not None:
        return [_UNDER_LOAD, *(f"{damage}." for damage in results.load.damage), *lines]
    if any(regime.delay_ms and not regime.skipped for regime in results.regimes):
        lines.append(
            "The injected database delay is constant: it has no tail, no queueing and costs no "
            "CPU. It shows what the cache does if the database is that slow, not that it is. "
            "The database time shown is the measured one. This service makes the two finds of a "
            "read at the same time, the tutorial's code one after the other; 50 ms per "
            "query are therefore injected as 100 ms. A rival that asks one after the other on a "
            "miss waits twice."
        )
    writes = any(entry.changing for entry in results.scenarios)
    database = results.environment.database
    if writes and database and not database.real_mongodb:
        lines.append(
            "An update takes this stand-in for MongoDB the longer the more documents it holds, "
            "with or without a cache: speedups of all operations of a mix that writes are too "
            "close to 1; those of its reads alone are not touched by it."
        )
    lines.append("Sessions run one at a time, so these are latencies, not capacities.")
    return lines


_UNDER_LOAD = (
    "Under load a time includes the wait while other users are served, and the work of Locust's "
    "client, which is some tenths of a millisecond. Locust and the services share this machine and "
    "take processor time from each other."
)


_OF_OTHERS = (
    (
        "The services were running already: this run does not know what they did before, what "
        "else they did meanwhile, and whether their caches were warm."
    ),
    (
        "The network to each service is part of its times. Bodies were compared with each other, "
        "not with what would be right."
    ),
)


def _where(metadata: RunEnvironment) -> str:
    cpus = f"one machine of {metadata.machine.cpu_count} CPUs"
    remote = "A remote Redis adds its round trip to every hit and every miss."
    named = [
        name
        for name, server in (("database", metadata.database), ("Redis", metadata.redis))
        if server and server.kind == "external"
    ]
    if not named:
        return (
            f"Client, services, database and Redis share {cpus}: there is no network between "
            f"them. {remote}"
        )
    return (
        f"Client and services share {cpus}. Not started by this run: {' and '.join(named)}; the "
        "network to them is part of every time, and this run does not know their other load. "
        f"{remote}"
    )


def shared_caveats(results: RunHeader, models: Sequence[ModelResult] = ()) -> list[str]:
    """Return the limits of every kind of run: its servers, its one machine."""
    if results.environment.is_foreign:
        return [*_OF_OTHERS]
    metadata = results.environment
    lines = []
    if metadata.database and metadata.database.caveat:
        lines += [metadata.database.caveat, *map(_with_a_fast_database, models)]
    if metadata.redis and metadata.redis.caveat:
        lines.append(metadata.redis.caveat)
    return [*lines, _where(metadata)]


def _with_a_fast_database(model: ModelResult) -> str:
    fast = model.fast_database
    return (
        f"Predicted, not measured: with a fast local database, {fast.wait_ms:g} ms a read, "
        f"{fast.reads} reads from a cold cache would be {times(fast.speedup)} as fast with "
        f"{model.variant}."
    )


def method(results: Results) -> Section | None:
    """Return how it was measured, with the run's own numbers; None where nothing was compared."""
    seen = [ratio.observations for each in results.summaries for ratio in each.ratios]
    if not seen:
        return None
    least, most = min(seen), max(seen)
    many = str(least) if least == most else f"{least} to {most}"
    blocks = (
        "The variants stay up side by side. They were measured in "
        f"{count(len(results.blocks))} short blocks by turns, in a random order (seed "
        f"{results.options.seed}), so that a change of the machine's speed reaches all of them "
        "alike. One block of each variant makes an observation; each ratio here rests on "
        f"{many}."
    )
    sentences = [blocks, *([_LOAD] if results.load else []), _INTERVALS, _VERDICTS]
    return Section("How it was measured", sentences, kind="machine")


_LOAD = (
    "Locust's users act one after the other, each with pauses, or arrive on a schedule where a "
    "rate was asked for. All users change sides together, and the first fifth of each block is not "
    "counted. A mean weighs each kind of request by its share of the whole run."
)
_INTERVALS = (
    "A ratio is the mean time of the reference over the mean time of the variant. Its interval "
    "comes from how much the observations differ from each other, never from single requests, and "
    "is widened by what services measured against themselves show beyond chance. 90 of 100 such "
    "intervals contain the true value; for a verdict that is two one-sided tests at 5 %."
)
_VERDICTS = (
    "A claim is reproduced, or not reproduced, only where the whole interval says so. An interval "
    "that straddles the claim, or something wrong in what it is about, leaves it inconclusive."
)


def measured_variants(results: RunHeader) -> Section:
    """Return what was measured, in which versions."""
    rows = [
        [entry.name, _packages(entry.packages) or "-", entry.description]
        for entry in results.variants
    ]
    table = Table(("variant", "packages", "what it is"), rows)
    return Section("Variants", table=table, kind="machine")


def environment(metadata: RunEnvironment) -> Section:
    """Return the servers, the machine and the versions of the run."""
    machine, git = metadata.machine, metadata.git
    commit = f"{git.commit[:12]}{' with changes' if git.dirty else ''}" if git else "unknown"
    servers = [
        ["database", metadata.database.label if metadata.database else "not known"],
        ["Redis", metadata.redis.label if metadata.redis else "none"],
    ]
    rows = [
        *([] if metadata.is_foreign else servers),
        ["processor", f"{machine.cpu_model or 'unknown'}, {machine.cpu_count} CPUs"],
        ["system", machine.system],
        ["load before the run", f"{machine.load_avg_1min:.2f}"],
        ["Python", metadata.python],
        ["packages", _packages(metadata.packages)],
        ["commit", commit],
    ]
    return Section("Environment", table=Table(("", ""), rows), kind="machine")


def _packages(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in versions.items())
