"""What a rate takes, and what the leases of many processes do, as a page."""

import math
from collections.abc import Callable, Sequence

from benchmarks.advise.amounts import percent, size
from benchmarks.export.figures import MISSING, count
from benchmarks.export.page import Page, Section, Table
from benchmarks.model.fence import Intervals, most_processes, renewals_per_s, share_away
from benchmarks.model.fleet import Fleet, plan
from benchmarks.model.leases import Outcome, incident
from benchmarks.scale.question import Question, named

LEASES_S = (0.9, 3.0, 10.0, 30.0)
DEPLOYMENTS = (1, 10, 50)
_GIGABIT = 1e9
_FEW = 10
_ROWS: Sequence[tuple[str, Callable[[Fleet], str]]] = (
    ("workers without a cache", lambda each: count(each.workers_without)),
    ("**workers**, a core each", lambda each: count(each.workers)),
    ("memory of the workers", lambda each: size(each.worker_bytes)),
    ("Redis commands per second", lambda each: amount(each.redis_commands)),
    ("cores busy in Redis", lambda each: amount(each.redis_cores)),
    ("... of which processes that look at it", lambda each: amount(each.looks_cores)),
    ("memory in Redis", lambda each: size(each.redis_bytes)),
    ("**Redis nodes**", lambda each: count(each.redis_nodes)),
    ("network to clients, Gbit/s", lambda each: amount(each.client_bits / _GIGABIT)),
    ("network to Redis, Gbit/s", lambda each: amount(each.redis_bits / _GIGABIT)),
    ("finds per second without a cache", lambda each: amount(each.finds_without)),
    ("finds per second", lambda each: amount(each.finds)),
    ("writes per second", lambda each: amount(each.writes)),
    ("lease renewals per second", lambda each: amount(each.renewals)),
    (
        "cores busy in the database without a cache",
        lambda each: amount(each.database_cores_without),
    ),
    ("**cores busy in the database**", lambda each: amount(each.database_cores)),
    ("... of which lease renewals", lambda each: amount(each.fence_cores)),
)


def page(question: Question) -> Page:
    """Compute everything that was asked about."""
    return Page(
        "fivefold: what a rate takes",
        [],
        [each(question) for each in (_fleet, _leases, _longer, _apart, _costs)],
    )


def amount(value: float) -> str:
    """Return a number of anything with the digits that mean something."""
    return count(round(value)) if value >= _FEW else f"{value:.2g}"


def _fleet(question: Question) -> Section:
    fleets = [plan(question.demand(rate), question.costs) for rate in question.rates]
    rows = [[name, *(show(fleet) for fleet in fleets)] for name, show in _ROWS]
    users = " / ".join(count(question.demand(rate).users) for rate in question.rates)
    load = (
        f"Hit ratio {percent(question.hit_ratio)}, {percent(question.writes)} writes; {users} "
        f"users with {question.todos_per_user} todos of {question.payload_bytes} bytes, of whom "
        f"each asks {question.per_user:g} times per second and has its entries in Redis."
    )
    filled = (
        f"A core is filled to {percent(question.busy)} of its time, a Redis node to "
        f"{question.node_gib:g} GiB; a node of Redis executes commands on one core."
    )
    headings = ("requests per second", *(count(round(rate)) for rate in question.rates))
    return Section("The fleet", [load, filled], Table(headings, rows))


def _leases(question: Question) -> Section:
    intervals, database = question.intervals, question.database
    rows = [_lease_row(number, question) for number in question.processes]
    lease = (
        f"A lease of {question.lease_s:g} s, renewed every {intervals.renew_s:.3g} s; a renewal "
        f"takes {database.operation_s * 1000:.3g} ms of one of {database.at_once} cores. Up to "
        f"{count(most_processes(intervals, database))} processes keep their leases."
    )
    played = (
        "Simulated: Redis comes back as another run, every process sees it and tries to close the "
        "fence; then to arm it; then to open it. One wins each time."
    )
    headings = (
        "processes",
        "renewals per second",
        "database cores",
        "Redis cores",
        "without a lease",
        "attempts to move the fence",
        "all know that it is closed, s",
        "all cache again, s",
        "away",
    )
    return Section(
        "The document that everybody holds a lease on",
        [lease, played, _away(question)],
        Table(headings, rows),
    )


def _away(question: Question) -> str:
    return (
        "Away is the share of time without a cache where each process loses Redis "
        f"{question.closings:g}x a day, alone, and so closes the fence for all."
    )


def _lease_row(number: int, question: Question) -> list[str]:
    played = incident(number, question.intervals, question.database, restart=True)
    looks = number / question.intervals.renew_s
    return [
        count(number),
        amount(played.reads_per_s),
        amount(played.reads_per_s * question.costs.fence / 1000),
        amount(looks * question.costs.info / 1000),
        percent(played.lapsed) if played.lapsed else "0 %",
        count(played.changes),
        _seconds(played.heard_s),
        _cached(played),
        percent(
            share_away(number, closings_per_day=question.closings, intervals=question.intervals)
        ),
    ]


def _cached(played: Outcome) -> str:
    return "never" if math.isinf(played.cached_s) or played.lapsed else _seconds(played.cached_s)


def _seconds(value: float) -> str:
    return MISSING if math.isinf(value) else f"{value:.1f}"


def _longer(question: Question) -> Section:
    number, database = max(question.processes), question.database
    rows = []
    for lease_s in LEASES_S:
        intervals = Intervals(lease_s=lease_s)
        renewals = renewals_per_s(number, intervals, database)
        rows.append(
            [
                f"{lease_s:g}",
                amount(renewals),
                amount(renewals * question.costs.fence / 1000),
                amount(number / intervals.renew_s * question.costs.info / 1000),
                count(most_processes(intervals, database)),
                _seconds(intervals.grace_s),
                _seconds(intervals.away_s()),
            ]
        )
    headings = (
        "lease, s",
        "renewals per second",
        "database cores",
        "Redis cores",
        "processes at most",
        "first write of an outage waits, s",
        "without a cache after it, s",
    )
    return Section(f"Longer leases of {count(number)} processes", [], Table(headings, rows))


def _apart(question: Question) -> Section:
    number, rows = max(question.processes), []
    for parts in DEPLOYMENTS:
        each = -(-number // parts)
        renewals = renewals_per_s(each, question.intervals, question.database)
        away = share_away(each, closings_per_day=question.closings, intervals=question.intervals)
        rows.append([count(parts), count(each), amount(renewals), percent(away)])
    headings = ("deployments", "processes of each", "renewals per second of each", "away")
    sentence = "Each with a database, and so a fence, and a Redis of its own, for its own users."
    heading = f"{count(number)} processes as several deployments"
    return Section(heading, [sentence], Table(headings, rows))


def _costs(question: Question) -> Section:
    measured = f"measured on {question.measured_on}"
    rows = [
        [name, f"{value:.3g}", "given" if name in question.said else measured]
        for name, value in named(question.costs).items()
        if value
    ]
    sentence = "Milliseconds of one core for one operation; `--cost NAME=MS` puts in your own."
    return Section("The costs this rests on", [sentence], Table(("cost", "ms", "origin"), rows))
