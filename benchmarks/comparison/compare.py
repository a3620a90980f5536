"""``fivefold compare``: its servers, what is saved, printed and returned."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from benchmarks.analysis.header import Header, RunOptions
from benchmarks.comparison.schedule import ComparisonSchedule
from benchmarks.measure.regimes import REGIMES
from benchmarks.report.results import ResultsUnreadable, computing, recompute
from benchmarks.report.write import report_files
from benchmarks.runner.dependencies import Dependencies
from benchmarks.runner.ending import rewrite
from benchmarks.runner.environment import collect, describe
from benchmarks.runner.job import carry_out
from benchmarks.runner.job_dependencies import shown_progress
from benchmarks.runner.options import CompareOptions
from benchmarks.runner.sampled import SampledJob, described
from benchmarks.runner.services import RunContext
from benchmarks.scenarios import SCENARIOS
from benchmarks.storage.run_folder import Run
from benchmarks.storage.samples import SamplesUnreadable
from benchmarks.storage.usage import UsageError
from benchmarks.variants.registry import VARIANTS


class Comparison(SampledJob):
    """All variants in interleaved blocks, then what is looked at beside them."""

    _dependencies: Dependencies

    def __init__(self, options: CompareOptions, dependencies: Dependencies) -> None:
        super().__init__(dependencies)
        self._options = options

    @property
    def header(self) -> Header:
        """Return the header; a regime that the database refused says so."""
        options, skipped = self._options, self._record.skipped
        return Header(
            options=_options(options),
            variants=tuple(describe(VARIANTS[name]) for name in options.variants),
            scenarios=tuple(described(SCENARIOS[name]) for name in options.scenarios),
            regimes=tuple(
                replace(REGIMES[name], skipped=skipped.get(name)) for name in options.regimes
            ),
            **self._recorded,
        )

    def run(self, environ: Mapping[str, str]) -> None:
        """Measure everything that the options ask for.

        Raises ``UsageError`` for a named server that cannot be used and whatever else breaks it;
        the blocks measured until then are in the folder.
        """
        needs_redis = any(VARIANTS[name].uses_redis for name in self._options.variants)
        with shown_progress(self._dependencies.console) as progress, ExitStack() as cleanup:
            step = progress.add_task("starting MongoDB and Redis", total=None)
            stack = cleanup.enter_context(
                self._dependencies.open_stack(environ=environ, redis=needs_redis)
            )
            self._environment = collect(stack, now=self._dependencies.now())
            self.folder = run = Run.create(
                self._options.out, self._options.profile.name, self._dependencies.now()
            )
            mongo = self._dependencies.connect_mongo(stack.mongo.url)
            cleanup.callback(mongo.close)
            progress.remove_task(step)
            ComparisonSchedule(
                options=self._options,
                dependencies=self._dependencies,
                context=RunContext(stack=stack, mongo=mongo, label=run.label, logs=run.logs),
                run=run,
                progress=progress,
                record=self._record,
                save=lambda: self._save(run),
            ).carry_out()


def compare(
    options: CompareOptions, environ: Mapping[str, str], *, dependencies: Dependencies | None = None
) -> int:
    """Measure the variants, write the run's folder and print its tables.

    Returns 0, 1 when a claim that was asked about does not hold, 3 when something is wrong or
    such a claim stays undecided, or 4 when
    something broke or the run was interrupted. What
    was measured until then is saved in every case. Servers named in ``environ`` are used, others
    are started; nothing is left running. Raises ``UsageError`` for a named server that does not
    answer or must not be used.
    """
    dependencies = dependencies or Dependencies()
    return carry_out(Comparison(options, dependencies), environ, dependencies.console)


def report(run_dir: Path, *, console: Console | None = None) -> int:
    """Compute the results of a stored run again and render its report: same data, same bytes.

    Returns 0, or 4 where the folder cannot be written. Raises ``UsageError`` when it does not hold
    a run.
    """
    run = Run(run_dir)
    try:
        with computing(run):
            published, texts = report_files(run, recompute(run))
    except (OSError, ResultsUnreadable, SamplesUnreadable) as error:
        raise UsageError(
            f"{run_dir} is not the folder of a run, such as reports/latest: {error}"
        ) from error
    return rewrite(run, published.page, texts, console or Console())


def _options(options: CompareOptions) -> RunOptions:
    profile = options.profile
    return RunOptions(
        profile=profile.name,
        scenarios=options.scenarios,
        variants=options.variants,
        seed=options.seed,
        users=profile.users,
        todos_per_user=profile.todos_per_user,
        payload_bytes=profile.payload_bytes,
        warmup_sessions=profile.warmup_sessions,
        restarts=profile.restarts,
        probe_seconds=profile.probe_seconds,
        sweeps=profile.sweeps,
        sweep_seconds=profile.sweep_seconds,
        parts=tuple(options.cases),
        claims=options.claims,
        asked=options.asked,
    )
