"""A comparison of running services, from their addresses to the report."""

import random
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import replace
from functools import partial
from itertools import chain

from rich.console import Console
from rich.progress import Progress

from benchmarks.analysis.header import (
    Case,
    Header,
    MeasuredVariant,
    RunOptions,
)
from benchmarks.comparison.targets.answers import AnswerLog
from benchmarks.comparison.targets.masking import Masking, secret_parameters, secrets_in
from benchmarks.comparison.targets.options import TargetOptions
from benchmarks.comparison.targets.scenario_file import site_of
from benchmarks.comparison.targets.steps import TargetWork
from benchmarks.comparison.targets.traffic import HitHeader, RateLimit, TargetConnection, outcome_by
from benchmarks.measure.address import tls_context
from benchmarks.measure.client import NS_PER_S
from benchmarks.measure.regimes import REGIMES
from benchmarks.measure.sessions import RunningVariant, prepare
from benchmarks.report.results import read_results
from benchmarks.runner.environment import collect
from benchmarks.runner.job import JobDependencies, SampledJob, carry_out, described, shown_progress
from benchmarks.scenarios.base import Draw
from benchmarks.storage.records import Outcome
from benchmarks.storage.run_folder import Run
from benchmarks.storage.usage import UsageError

_AS_THEY_ARE = "the services as they are"
_WARM_UP_S = 5.0
"""Seconds of warm-up at most."""
_ERROR = 400
ANSWERS = "answers"
"""The folder of a run in which bodies are kept that differ."""


def compare_targets(options: TargetOptions, *, dependencies: JobDependencies | None = None) -> int:
    """Measure the targets in interleaved blocks; returns and raises what ``compare`` does.

    Where JSON is asked for, it is all that standard output gets.
    """
    dependencies = dependencies or JobDependencies()
    printed = dependencies.console
    if options.json:
        dependencies = replace(dependencies, console=Console(stderr=True))
    job = TargetComparison(options, dependencies)
    code = carry_out(job, {}, dependencies.console)
    if options.json:
        ended = {"exit_code": code, "state": job.state, "reason": job.reason}
        # What says it needs numpy, which takes longer to import than all else.
        from benchmarks.report.foreign import in_short  # noqa: PLC0415

        found = read_results(job.folder) if job.folder and job.measured else None
        folder = str(job.folder.path) if job.folder else None
        verdict = ended | {"run": folder} | (in_short(found) if found else {})
        printed.print_json(data=verdict)
    return code


class TargetComparison(SampledJob):
    """All targets in interleaved blocks, and each against itself."""

    _work: TargetWork
    _users: int
    _log: AnswerLog

    def __init__(self, options: TargetOptions, dependencies: JobDependencies) -> None:
        super().__init__(dependencies)
        self._options = options
        self._cases: Sequence[Case] = ()
        self._caching: frozenset[str] = frozenset()

    @property
    def header(self) -> Header:
        """Return the header, with where the answers differed."""
        options = self._options
        return Header(
            options=RunOptions(
                profile=options.profile,
                scenarios=(options.source.name,),
                variants=tuple(target.name for target in options.targets),
                seed=options.seed,
                users=self._users,
                restarts=1,
                seconds=options.seconds,
                rate=options.rate,
                parts=tuple(self._cases),
                claims=options.made,
                asked=options.asked,
                ignored=tuple(options.ignored.texts),
                bodies_compared=not options.ignore_bodies,
                certificates_verified=not options.insecure,
                redirects_followed=options.follow,
            ),
            variants=tuple(
                MeasuredVariant(
                    name=target.name,
                    kind="target",
                    caches=target.name in self._caching,
                    description=target.address.url,
                    packages={},
                )
                for target in options.targets
            ),
            # Any status that is no error is an answer.
            scenarios=(replace(described(self._work.scenario), answers=(), any_answer=True),),
            regimes=tuple(
                replace(REGIMES[case.regime], description=_AS_THEY_ARE) for case in self._cases
            ),
            differences=tuple(self._log.differences),
            **self._recorded,
        )

    def run(self, environ: Mapping[str, str]) -> None:
        """Measure every case; raises ``UsageError`` for a target that cannot be used."""
        del environ
        dependencies, options = self._dependencies, self._options
        self._environment = collect(None, now=dependencies.now())
        with shown_progress(dependencies.console) as progress, ExitStack() as cleanup:
            step = progress.add_task("setting up the targets", total=None)
            self._work, reached = self._set_up(cleanup)
            scenario, self._users = self._work.scenario, reached[0].users
            self._cases = options.cases(scenario.name, mix=scenario.kind == "mix")
            self._look(reached)
            self.folder = run = Run.create(options.out, options.profile, dependencies.now())
            # The logs of the services are where the user started them.
            run.logs.rmdir()
            self._log = log = self._answer_log(run)
            running = [self._watched(each, log) for each in reached]
            session_s = self._warm_up(running)
            progress.remove_task(step)
            self._measure(running, run, progress, session_s=session_s)

    def _set_up(self, cleanup: ExitStack) -> tuple[TargetWork, list[RunningVariant]]:
        """Sign the users in and make all requests."""
        options, dependencies = self._options, self._dependencies
        tls = tls_context(verified=False) if options.insecure else None
        limit = RateLimit(options.rate, clock_ns=dependencies.clock_ns, sleep=dependencies.sleep)
        connections = [
            cleanup.enter_context(
                TargetConnection(
                    target.url,
                    clock_ns=dependencies.clock_ns,
                    tls=tls,
                    limit=limit,
                    follows=options.follow,
                )
            )
            for target in options.targets
        ]
        headers = options.sent
        sites = [
            site_of(target.name, connection, headers)
            for target, connection in zip(options.targets, connections, strict=True)
        ]
        work = options.source.work(sites)
        try:
            return work, [
                RunningVariant(
                    variant=site.name,
                    connection=connection,
                    requests=prepare(connection, asks, headers),
                )
                for site, connection, asks in zip(sites, connections, work.asks, strict=True)
            ]
        except ValueError as error:
            raise UsageError(str(error)) from error

    def _answer_log(self, run: Run) -> AnswerLog:
        options, targets = self._options, self._options.targets
        return AnswerLog(
            reference=targets[0].name,
            targets={target.name: target.address.origin for target in targets},
            ignored=options.ignored,
            bodies=not options.ignore_bodies,
            changes=bool(self._work.scenario.changes),
            masking=self._masking(),
            folder=None if options.no_bodies else run.path / ANSWERS,
        )

    def _masking(self) -> Masking:
        options = self._options
        of_users = [
            {**ask.headers, **secret_parameters(ask.path)}
            for asks in self._work.asks
            for each in asks.values()
            for ask in each
        ]
        of_targets = [{"Authorization": target.address.authorization} for target in options.targets]
        found = chain.from_iterable(map(secrets_in, [*of_users, *of_targets]))
        return Masking([*options.secrets, *found])

    def _look(self, reached: Sequence[RunningVariant]) -> None:
        """Ask for everything once; raises ``UsageError`` where nothing could be compared."""
        scenario = self._work.scenario
        rng = random.Random(f"look {scenario.name}")  # noqa: S311 - an order, not a secret
        list(scenario.draw(Draw(users=reached[0].users, amount=1, turn=0, rng=rng)))
        seen = {
            action: [each.connection.send(each.requests[action][0]) for each in reached]
            for action in reached[0].requests
        }
        self._caching = frozenset(
            each.variant
            for place, each in enumerate(reached)
            for answers in seen.values()
            if outcome_by(answers[place].headers, self._options.hit) != "unknown"
        )
        for action, answers in seen.items():
            if all(answer.status >= _ERROR for answer in answers):
                pairs = zip(answers, reached, strict=True)
                said = ", ".join(f"{answer.status} by {each.variant}" for answer, each in pairs)
                raise UsageError(
                    f"{action} is answered with {said}: errors are nothing to compare; is the path "
                    "right, and does it take a --header?"
                )

    def _watched(self, reached: RunningVariant, log: AnswerLog) -> RunningVariant:
        """Have a target's answers read as they are meant, and compared with the others'."""
        name = reached.variant
        silent: Outcome = "bypass" if self._caching and name not in self._caching else "unknown"
        return replace(
            reached,
            outcome=partial(_outcome, hit=self._options.hit, silent=silent),
            comparable=partial(log.comparable, origin=log.targets[name]),
            answered=log.note,
        )

    def _warm_up(self, running: Sequence[RunningVariant]) -> float:
        """Take the same sessions at every target and return the mean time of one at all of them.

        Sessions are what is drawn as one, also of a mix.
        """
        clock_ns, scenario = self._dependencies.clock_ns, self._work.scenario
        rng = random.Random(f"warm-up {scenario.name}")  # noqa: S311 - an order, not a secret
        started_ns, taken = clock_ns(), 0
        for turn in range(self._options.base.warmup_sessions):
            given = Draw(users=running[0].users, amount=1, turn=turn, rng=rng)
            for operation in scenario.draw(given):
                for each in running:
                    each.connection.send(each.requests[operation.action][operation.user])
            taken += 1
            if clock_ns() - started_ns > _WARM_UP_S * NS_PER_S:
                break
        return max(clock_ns() - started_ns, 1) / NS_PER_S / taken

    def _measure(
        self, running: Sequence[RunningVariant], run: Run, progress: Progress, *, session_s: float
    ) -> None:
        # What decides when to stop needs numpy, which takes longer to import than all else.
        from benchmarks.analysis.stats.stopping import StoppingRule  # noqa: PLC0415
        from benchmarks.comparison.case import CaseMeasurement  # noqa: PLC0415

        options = self._options
        # Of several starts what is looked at after each of them is added up.
        least = StoppingRule().least * options.base.restarts
        measurement = CaseMeasurement(
            scenarios={self._work.scenario.name: self._work.scenario},
            twinned=[each.variant for each in running],
            controls=False,
            seed=self._options.seed,
            dependencies=self._dependencies,
            run=run,
            slowed=lambda _regime: nullcontext(),
            restart=0,
            origin_ns=self._dependencies.clock_ns(),
            rule=None if options.seconds else StoppingRule(least=least),
            most_s=options.most_s,
        )
        for case in self._cases:
            plan = options.plan(case.plan, session_s=session_s)
            used = measurement.measure(replace(case, plan=plan), running, progress)
            self._record.system.append(used)
            self._save(run)


def _outcome(headers: Mapping[str, str], *, hit: HitHeader | None, silent: Outcome) -> Outcome:
    found = outcome_by(headers, hit)
    return silent if found == "unknown" else found
