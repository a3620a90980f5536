"""The answer in plain words."""

from benchmarks.analysis.model.sizing import BUSY, MEASURED_ON, NODE_BYTES
from benchmarks.predict.advise.answer import Advice, Gain, WantedSpeedup
from benchmarks.predict.advise.facts import WorkloadFacts
from benchmarks.report.figures import count, lifetime, ms, percent, rate, size, times, wish

_ONE_AT_A_TIME = (
    "This is arithmetic on means of requests that come one at a time. Under load a cache also "
    "takes work off the database; what it gains in capacity is another number, which fivefold "
    "capacity measures."
)
_RIGHT = (
    "That a cache answers nothing stale is taken for granted here; fivefold verify checks it for "
    "fivefold's own. A fast wrong answer is worth nothing."
)


def verdict(facts: WorkloadFacts, answer: Advice) -> list[str]:
    """Return whether a cache is worth it, what it brings, and from where on it would."""
    return [_pays(facts, answer), _tail(facts, answer), *_break_even(facts, answer)]


def wanted(facts: WorkloadFacts, answer: Advice) -> list[str]:
    """Return what the wanted speedup takes, or why nothing gives it."""
    want = answer.wanted
    if want.hit_ratio is None:
        return [_impossible(facts, want), _cold(want)]
    have = facts.hit_ratio
    verb = "is reached" if have >= want.hit_ratio else "is not reached"
    takes = (
        f"Reads that are {wish(want.speedup)} as fast on average take a hit ratio of "
        f"{percent(want.hit_ratio)}; with {percent(have)} that {verb}."
    )
    return [takes, _lifetime(facts, want), _writes(facts, want), _cold(want)]


def memory(facts: WorkloadFacts, answer: Advice) -> list[str]:
    """Return what the entries take in Redis."""
    value, users = int(facts["entry_bytes"]), int(facts["users"])
    each = (
        f"A value of {count(value)} bytes takes {count(answer.entry_bytes)} in Redis: its key, its "
        "expiry, and what the allocator rounds up to come with it (as measured on Redis 8.2 with "
        "keys of 54 bytes)."
    )
    together = (
        f"On average {count(round(answer.live_entries))} of {count(users)} entries are there at a "
        f"time: {size(answer.memory_bytes)}. All of them take {size(answer.memory_at_most_bytes)}. "
        "Fragmentation, client buffers and expired entries that Redis has not removed yet come on "
        "top."
    )
    return [each, together]


def sizing(facts: WorkloadFacts) -> list[str]:
    """Return what the sizes of a deployment rest on."""
    load = (
        f"At a hit ratio of {percent(facts.hit_ratio)} with {percent(facts.writes.share)} writes. "
        f"A worker is one process on one core, filled to {percent(BUSY)} of its time; so is the "
        f"core of a Redis node, which holds {size(NODE_BYTES)}."
    )
    times_of = (
        f"The processor times are those of fivefold's own service, measured on {MEASURED_ON}: the "
        "cores of the database say nothing of MongoDB, its finds and writes do. docs/scale.md has "
        "the times, the formula for your own, and what ends first."
    )
    return [load, times_of]


def caveats(facts: WorkloadFacts, *, measured: bool) -> list[str]:
    """Return what to keep in mind about these figures."""
    lines = [_ONE_AT_A_TIME, _RIGHT]
    if facts.numbers["hit_ratio"].origin.startswith("predicted"):
        lines.append(
            "The hit ratio is predicted for reads and writes that come at random (Poisson) with "
            "one popularity, and a TTL that hits do not renew. Reads that come in bursts hit more "
            "often."
        )
    if not measured:
        lines.append(
            f"The percentiles take every kind of read as lognormal with a spread of "
            f"{facts['spread']:g}; a run of fivefold compare has measured ones."
        )
    assumed = [name for name, known in facts.numbers.items() if known.assumed]
    if assumed:
        lines.append(f"{len(assumed)} numbers are assumed: say yours, and the answer may change.")
    return lines


def _pays(facts: WorkloadFacts, answer: Advice) -> str:
    mean, h = answer.mean, percent(facts.hit_ratio)
    change = f"{ms(mean.cached_ms)} ms instead of {ms(mean.uncached_ms)} ms on average"
    if answer.decision == "pays":
        start = (
            f"Yes, a cache is worth it here: with {h} of the reads answered from it, a read takes "
        )
        end = f"{change}, {_faster(mean)}{_all_operations(facts, answer)}."
    elif answer.decision == "hardly":
        start = f"Hardly: with {h} of the reads answered from the cache, a read takes {change}, "
        end = f"{_faster(mean)}{_all_operations(facts, answer)}: a gain too small to be noticed."
    else:
        start = f"No, a cache is not worth it here: with {h} of the reads answered from it, a read "
        end = f"takes {change}, {_faster(mean)}{_all_operations(facts, answer)}."
    return start + end


def _all_operations(facts: WorkloadFacts, answer: Advice) -> str:
    if not facts.writes.share:
        return ""
    return (
        f"; with the {percent(facts.writes.share)} writes counted in, all operations are "
        f"{times(answer.overall)} as fast"
    )


def _faster(gain: Gain) -> str:
    return f"{times(gain.speedup)} as fast"


def _tail(facts: WorkloadFacts, answer: Advice) -> str:
    by_name = {gain.what: gain for gain in answer.gains}
    half, last = by_name["p50"], by_name["p99"]
    start = f"The median read is {_faster(half)}, and the slowest 1 % (p99) {_faster(last)}"
    if facts.hit_ratio <= 0.99:  # noqa: PLR2004 - the share of reads that are up to p99
        return f"{start}: they are misses, as always up to a hit ratio of 99 %."
    return f"{start}."


def _break_even(facts: WorkloadFacts, answer: Advice) -> list[str]:
    alone, counted = answer.break_even_hit_ratio, answer.break_even_with_writes
    if alone is None:
        never = (
            f"No hit ratio helps: a hit costs {ms(facts['hit_ms'])} ms and spares "
            f"{ms(facts['db_ms'])} ms. A faster way to the cache, or fewer requests to it, would "
            "have to come first."
        )
        return [never]
    text = f"Reads gain from a hit ratio of {percent(alone)} on"
    if facts.hit_ratio > 0:
        text += (
            f", or at {percent(facts.hit_ratio)} from a database that takes more than "
            f"{ms(answer.break_even_database_ms)} ms"
        )
    if not facts.writes.share:
        return [f"{text}."]
    if counted is None:
        return [f"{text}. No hit ratio makes up for what the cache adds to the writes."]
    return [f"{text}; with the writes counted in, from {percent(counted)} on."]


def _impossible(facts: WorkloadFacts, want: WantedSpeedup) -> str:
    model = facts.model
    return (
        f"{wish(want.speedup)} is impossible here, whatever the hit ratio and the TTL: if every "
        f"read hit, it would still take {ms(model.hit_total_ms)} ms, {times(model.limit)}. It "
        f"takes a database of at least {ms(want.least_database_ms)} ms (here "
        f"{ms(model.database_ms)} ms), or a hit of at most "
        f"{ms(model.uncached_ms / want.speedup)} ms in all."
    )


def _lifetime(facts: WorkloadFacts, want: WantedSpeedup) -> str:
    assumed = " (assumed, say --users and --rate)" if facts.workload_assumed else ""
    workload = (
        f"With {count(int(facts['users']))} users and {rate(facts['rate'])} "
        f"requests per second{assumed}"
    )
    if want.ttl_s is None and (want.hit_ratio or 0.0) <= facts.writes.cap:
        return (
            f"{workload} no TTL is long enough: each write empties an entry, and reads that come "
            "while it is filled again miss as well, so even if nothing expired at most "
            f"{percent(want.most_hits)} of the reads hit."
        )
    if want.ttl_s is None:
        return (
            f"{workload} no TTL is long enough: each write empties an entry, so of reads and "
            f"writes in random order at most {percent(facts.writes.cap)} of the reads hit."
        )
    return (
        f"{workload} a TTL of {lifetime(want.ttl_s)} gives that; {lifetime(facts['ttl'])} give "
        f"{percent(facts.predicted_hit_ratio)}."
    )


def _writes(facts: WorkloadFacts, want: WantedSpeedup) -> str:
    here = percent(facts.writes.share)
    reads, every = want.most_writes, want.most_writes_overall
    if reads is None or every is None:
        return f"Only reads reach it, without any writes (here {here})."
    return (
        f"If nothing expired, reads would reach it with up to {percent(reads)} writes, and all "
        f"operations together with up to {percent(every)} (here {here})."
    )


def _cold(want: WantedSpeedup) -> str:
    if want.reads is None:
        return f"From a cold cache no number of reads of the same data gives {wish(want.speedup)}."
    return (
        f"From a cold cache, {wish(want.speedup)} takes {want.reads} reads of the same data: the "
        "first one is a miss."
    )
