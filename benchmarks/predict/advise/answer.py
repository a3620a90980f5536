"""The numbers an advice rests on, each with where it comes from, and the answer; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from benchmarks.analysis.checks.check import failed_checks
from benchmarks.analysis.claims.claim import MARGIN, SESSION
from benchmarks.analysis.model.cost import (
    CostModel,
    Writes,
    break_even_database_ms,
    break_even_hit_ratio,
    hit_ratio_needed,
    least_database_ms,
    mean_read_ms,
    speedup_at,
)
from benchmarks.analysis.model.sizing import Sizing, entry_bytes_in_redis, size_for
from benchmarks.predict.advise.question import NUMBERS, Question
from benchmarks.predict.hit_ratio.question import Workload
from benchmarks.predict.hit_ratio.workload import predict
from benchmarks.storage.usage import UsageError

if TYPE_CHECKING:
    # What computes them is imported with the run, which an advice may do without.
    from benchmarks.report.computed import Results


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a run measured: costs, and the hit ratio of sessions from a cold cache."""

    label: str
    numbers: Mapping[str, float]
    session: int  # reads of one session
    failed_checks: Sequence[str]


def evidence_of(results: "Results") -> Evidence:
    """Take the cost model of a run and the hit ratio of its sessions.

    Raises ``UsageError`` for a run without sessions of both variants.
    """
    if not results.models:
        raise UsageError(
            f"this run holds no cost model: run fivefold compare --scenario {SESSION}, or give the "
            "numbers as options"
        )
    fitted = results.models[0].fit
    model, source = fitted.model, fitted.source
    [session] = [each for each in results.summaries if each.key == (source.scenario, source.regime)]
    [cached] = [each for each in session.variants if each.variant == source.variant]
    numbers = {
        "db_ms": model.database_ms,
        "hit_ms": model.hit_ms,
        "app_ms": model.app_ms,
        "miss_ms": model.miss_ms,
        "hit_ratio": cached.hit_ratio,
    }
    if fitted.write_ms is not None:
        numbers |= {"write_ms": fitted.write_ms, "invalidation_ms": model.invalidation_ms}
    return Evidence(
        label=f"{source.variant}, {source.regime}",
        numbers=numbers,
        session=session.reads,
        failed_checks=list(dict.fromkeys(check.name for check in failed_checks(results.checks))),
    )


@dataclass(frozen=True, slots=True)
class Known:
    """A number and its origin."""

    name: str
    value: float
    origin: Literal["given", "measured", "predicted", "assumed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadFacts:
    """All numbers of one advice, by the names of the options, and the models made of them."""

    numbers: Mapping[str, Known]
    model: CostModel
    writes: Writes

    def __getitem__(self, name: str) -> float:
        return self.numbers[name].value

    def assumes(self, name: str) -> bool:
        """Tell whether a number was neither given nor found out."""
        return self.numbers[name].origin == "assumed"

    @property
    def hit_ratio(self) -> float:
        """Return the hit ratio that is counted with."""
        return self["hit_ratio"]


def gather(question: Question, evidence: Evidence | None) -> WorkloadFacts:
    """Take each number from the question, else from the run, else as assumed."""
    numbers = {
        name: known for name in NUMBERS if (known := _known(question, evidence, name)) is not None
    }
    model = CostModel(
        app_ms=numbers["app_ms"].value,
        database_ms=numbers["db_ms"].value,
        hit_ms=numbers["hit_ms"].value,
        miss_ms=numbers["miss_ms"].value,
        invalidation_ms=numbers["invalidation_ms"].value,
    )
    # As long as an uncached read.
    numbers.setdefault("write_ms", Known("write_ms", model.uncached_ms, "assumed"))
    writes = Writes(share=numbers["writes"].value, write_ms=numbers["write_ms"].value)
    if "hit_ratio" not in numbers:
        workload = Workload(
            users=int(numbers["users"].value),
            skew=numbers["skew"].value,
            rate=numbers["rate"].value,
            writes=writes.share,
            ttl_s=numbers["ttl"].value,
        )
        numbers["hit_ratio"] = Known("hit_ratio", predict(workload), "predicted")
    return WorkloadFacts(
        numbers={name: numbers[name] for name in NUMBERS},
        model=model,
        writes=writes,
    )


def _known(question: Question, evidence: Evidence | None, name: str) -> Known | None:
    if name in question.numbers:
        return Known(name, float(question.numbers[name]), "given")
    # A workload that is said says more of its hit ratio than a run of another.
    told = name == "hit_ratio" and question.says_workload
    if evidence is not None and name in evidence.numbers and not told:
        return Known(name, evidence.numbers[name], "measured")
    assumed = NUMBERS[name].assumed
    return None if assumed is None else Known(name, assumed, "assumed")


Decision = Literal["pays", "hardly", "loses"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedSpeedup:
    """The needs of the wanted speedup of reads; no hit ratio where none suffices."""

    speedup: float
    hit_ratio: float | None
    least_database_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """Everything that is said."""

    decision: Decision
    uncached_ms: float  # of the mean read
    cached_ms: float
    overall: float  # the speedup of all operations, writes included
    break_even_hit_ratio: float | None
    break_even_with_writes: float | None
    break_even_database_ms: float
    wanted: WantedSpeedup
    entry_bytes: int  # in Redis
    memory_bytes: float  # of all entries
    sizing: Sizing | None  # where a rate is given

    @property
    def speedup(self) -> float:
        """Return uncached / cached of the mean read."""
        return self.uncached_ms / self.cached_ms


def answer(facts: WorkloadFacts) -> Advice:
    """Compute the answer; pure."""
    model = facts.model
    overall = speedup_at(model, facts.hit_ratio, facts.writes)
    entry_bytes = entry_bytes_in_redis(int(facts["entry_bytes"]))
    memory_bytes = facts["users"] * entry_bytes
    return Advice(
        decision=_decide(overall),
        uncached_ms=model.uncached_ms,
        cached_ms=mean_read_ms(model, facts.hit_ratio),
        overall=overall,
        break_even_hit_ratio=break_even_hit_ratio(model),
        break_even_with_writes=break_even_hit_ratio(model, facts.writes),
        break_even_database_ms=break_even_database_ms(model, facts.hit_ratio),
        wanted=WantedSpeedup(
            speedup=facts["want"],
            hit_ratio=hit_ratio_needed(model, facts["want"]),
            least_database_ms=least_database_ms(model, facts["want"]),
        ),
        entry_bytes=entry_bytes,
        memory_bytes=memory_bytes,
        sizing=None
        if facts.assumes("rate")
        else size_for(
            facts["rate"],
            hit_ratio=facts.hit_ratio,
            writes=facts.writes.share,
            entries_bytes=memory_bytes,
        ),
    )


def _decide(overall: float) -> Decision:
    if overall <= 1:
        return "loses"
    return "pays" if overall >= 1 + MARGIN else "hardly"
