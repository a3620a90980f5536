"""What a report says, in the order it says it: the one content of every text format.

Built from the results dictionary only. Formats decide how a heading, a table or a list looks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.export.figures import bounds, ms, span_ms, times
from benchmarks.export.results import Results, failed_guards

Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """Headings and rows of text."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with sentences and perhaps a table under it."""

    heading: str
    sentences: Sequence[str] = ()
    table: Table | None = None


def headline(results: Results) -> list[str]:
    """Return what was compared, when, and whether the run came to its end."""
    options, state = results["options"], results["state"]
    reference, *others = options["variants"]
    what = (
        f"{', '.join(others)} against {reference}, profile {options['profile']}, "
        f"{results['environment']['date_utc']}, seed {options['seed']}: {options['users']} users x "
        f"{options['todos_per_user']} todos of {options['payload_bytes']} bytes."
    )
    lines = [what]
    if state != "complete":
        lines.append(f"This run is {state}: {results['reason']}. What was measured is below.")
    return lines


def sections(results: Results) -> list[Section]:
    """Return the report's sections."""
    measured = [
        make(results, scenario)
        for scenario in results["options"]["scenarios"]
        for make in (_sessions, _requests)
    ]
    return [
        *measured,
        _verdicts(results),
        Section("The claim's own arithmetic", arithmetic(results)),
        _checks(results),
        Section("What to keep in mind", caveats(results)),
        _environment(results),
    ]


def arithmetic(results: Results) -> list[str]:
    """Return what the starting document's numbers give when they are worked out."""
    given = results["arithmetic"]
    reads, needed, speedup = given["reads"], given["reads_needed_for_5x"], given["speedup_by_reads"]
    uncached, cached = f"{given['uncached_ms']:g}", f"{given['cached_ms']:g}"
    claim = (
        f"It says: {reads} reads take {uncached} ms without Redis and {cached} ms with it, "
        f'"5x faster". {uncached}/{cached} is {times(speedup[str(reads)])}.'
    )
    bound = (
        f"From a cold cache {reads} reads can never be 5x faster, however slow the database: the "
        f"first read is a miss, so S(n) < n. {needed} reads can: {times(speedup[str(needed)])} "
        f"with the same numbers, in which no number of reads passes {given['limit']:g}x."
    )
    return [claim, bound]


def caveats(results: Results) -> list[str]:
    """Return the limits of what was measured that apply to this run."""
    environment = results["environment"]
    servers = [environment["database"], environment["redis"]]
    lines = [server["caveat"] for server in servers if server and server["caveat"]]
    lines.append(
        f"Client, services, database and Redis share one machine of "
        f"{environment['machine']['cpu_count']} CPUs: there is no network between them. A remote "
        "Redis adds its round trip to every hit and every miss."
    )
    if any(regime["delay_ms"] and not regime["skipped"] for regime in results["regimes"]):
        lines.append(
            "The injected database delay is constant: it has no tail, no queueing and costs no "
            "CPU. It shows what the cache does if the database is that slow, not that it is. "
            "The database time shown is the measured one."
        )
    lines.append("Sessions run one at a time, so these are latencies, not capacities.")
    return lines


def _sessions(results: Results, scenario: str) -> Section:
    summaries = [entry for entry in results["summaries"] if entry["scenario"] == scenario]
    reads = summaries[0]["reads"] if summaries else results["arithmetic"]["reads"]
    sentences = [f"Times are of a whole session: {reads} reads of one user from a cold cache."]
    sentences += [
        f"{regime['name']} was skipped: {regime['skipped']}."
        for regime in results["regimes"]
        if regime["skipped"]
    ]
    rows = [row for summary in summaries for row in _session_rows(summary)]
    if not rows:
        sentences.append("No pair of blocks came to its end.")
    headings = ("regime", "variant", "mean ms [95 %]", f"S({reads}) [95 %]")
    return Section(f"Scenario {scenario}", sentences, Table(headings, rows) if rows else None)


def _session_rows(summary: Entry) -> list[list[str]]:
    ratios = {ratio["variant"]: ratio for ratio in summary["ratios"]}
    return [
        [
            summary["regime"],
            variant["variant"],
            span_ms(variant["total_ms"]),
            _speedup(ratios.get(variant["variant"])),
        ]
        for variant in summary["variants"]
    ]


def _speedup(ratio: Entry | None) -> str:
    return f"{times(ratio['ratio'])} {bounds(ratio['shown'])}" if ratio else "reference"


def _requests(results: Results, scenario: str) -> Section:
    rows = [
        [
            summary["regime"],
            variant["variant"],
            *(ms(_p50(variant, outcome)) for outcome in ("bypass", "miss", "hit")),
            ms(variant["database_ms"]),
            f"{variant['hit_ratio']:.2f}",
        ]
        for summary in results["summaries"]
        if summary["scenario"] == scenario
        for variant in summary["variants"]
    ]
    headings = ("regime", "variant", "bypass", "miss", "hit", "database", "hit ratio")
    sentence = "Median ms of one read by its outcome; database time as the service reports it."
    return Section("One read", [sentence], Table(headings, rows) if rows else None)


def _p50(variant: Entry, outcome: str) -> float | None:
    medians = (entry["p50_ms"] for entry in variant["latencies"] if entry["outcome"] == outcome)
    return next(medians, None)


def _verdicts(results: Results) -> Section:
    claims = results["arithmetic"]["claims"]
    sentences = [f"{claim['name']}: {claim['text']}." for claim in claims.values()]
    margin = f"{results['arithmetic']['margin']:.0%}"
    sentences.append(
        f"C1 is reproduced when the whole 90 % interval is within {margin} of it or above, C2 when "
        "the whole interval is at 5 or above."
    )
    sentences += [
        f"{verdict['claim']}, {verdict['regime']}, {verdict['variant']}: {verdict['remark']}."
        for verdict in results["verdicts"]
        if verdict["remark"]
    ]
    rows = [
        [
            verdict["regime"],
            verdict["variant"],
            verdict["claim"],
            f"{times(verdict['ratio'])} {bounds(verdict)}",
            decision(verdict),
        ]
        for verdict in results["verdicts"]
    ]
    headings = ("regime", "variant", "claim", "measured [90 %]", "verdict")
    return Section("Verdicts", sentences, Table(headings, rows) if rows else None)


def decision(verdict: Entry) -> str:
    """Return a verdict with its qualifier."""
    qualifier = f" ({verdict['qualifier']})" if verdict["qualifier"] else ""
    return f"{verdict['verdict']}{qualifier}"


def _checks(results: Results) -> Section:
    failed = failed_guards(results)
    passed = len(results["guards"]) - len(failed)
    sentences = [f"{passed} of {len(results['guards'])} checks passed."]
    sentences += [
        f"FAILED {guard['name']} ({guard['regime']}): {guard['detail']}. {guard['advice']}."
        for guard in failed
    ]
    rows = [
        [guard["name"], guard["regime"], "passed" if guard["passed"] else "FAILED", guard["detail"]]
        for guard in results["guards"]
    ]
    table = Table(("check", "regime", "result", "seen"), rows) if rows else None
    return Section("Checks", sentences, table)


def _environment(results: Results) -> Section:
    environment = results["environment"]
    machine, git = environment["machine"], environment["git"]
    commit = f"{git['commit'][:12]}{' with changes' if git['dirty'] else ''}" if git else "unknown"
    packages = ", ".join(f"{name} {number}" for name, number in environment["packages"].items())
    rows = [
        ["database", environment["database"]["label"]],
        ["Redis", environment["redis"]["label"] if environment["redis"] else "none"],
        ["processor", f"{machine['cpu_model'] or 'unknown'}, {machine['cpu_count']} CPUs"],
        ["system", machine["system"]],
        ["load before the run", f"{machine['load_avg_1min']:.2f}"],
        ["Python", environment["python"]],
        ["packages", packages],
        ["commit", commit],
    ]
    return Section("Environment", table=Table(("", ""), rows))
