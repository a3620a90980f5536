"""One run of Locust against both variants: what was asked of it, its services, what is kept."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from importlib.metadata import version

from rich.progress import Progress

from benchmarks.analysis.header import Header, LoadRecord, RunOptions
from benchmarks.analysis.quantities.blocks import complete_observations
from benchmarks.load.locust_run import LocustRun, collect_samples
from benchmarks.load.options import LoadOptions
from benchmarks.load.schedule import series_of
from benchmarks.measure.regimes import REGIMES
from benchmarks.measure.system import CpuReadings, spent
from benchmarks.runner.environment import collect, describe
from benchmarks.runner.job import SampledJob, carry_out, described, shown_progress
from benchmarks.runner.services import Dependencies
from benchmarks.stack import dataset
from benchmarks.stack.embedded import Stack
from benchmarks.stack.errors import StackError
from benchmarks.stack.locust import PROGRAM
from benchmarks.stack.ports import HOST
from benchmarks.stack.scratch import scratch_folder
from benchmarks.storage.records import LOAD, CaseUse
from benchmarks.storage.run_folder import Run
from benchmarks.variants.registry import DEFAULT, VARIANTS

# The limits stay on: a proxy that is trusted to name the address of a user can serve many of them.
_ENVIRONMENT: Mapping[str, str] = {"TRUSTED_PROXIES": HOST, "LOG_LEVEL": "WARNING"}


class LoadJob(SampledJob):
    """All variants in interleaved blocks of time, each also against itself, under Locust."""

    _dependencies: Dependencies

    def __init__(
        self, options: LoadOptions, dependencies: Dependencies, program: Sequence[str]
    ) -> None:
        super().__init__(dependencies)
        self._options, self._program = options, program
        self._load = _load_record(options)
        self._compares = False

    @property
    def header(self) -> Header:
        """Return the header, with what is to be known of Locust."""
        return Header(
            options=_options(self._options),
            variants=tuple(describe(VARIANTS[name]) for name in DEFAULT),
            scenarios=(described(self._options.scenario),),
            regimes=(REGIMES[LOAD],),
            load=self._load,
            **self._recorded,
        )

    def run(self, environ: Mapping[str, str]) -> None:
        """Put the services under load; raises ``UsageError`` and whatever else breaks it.

        What Locust recorded until then is in the folder.
        """
        options, dependencies = self._options, self._dependencies
        with shown_progress(dependencies.console) as progress, ExitStack() as cleanup:
            step = progress.add_task("starting the servers and services", total=None)
            stack = cleanup.enter_context(dependencies.open_stack(environ=environ, redis=True))
            self._environment = collect(stack, now=dependencies.now())
            self.folder = run = Run.create(options.out, LOAD, dependencies.now())
            services = _running_services(stack, run, dependencies, seed=options.seed)
            addresses = cleanup.enter_context(services)
            progress.remove_task(step)
            self._save(run)
            self._drive(addresses, run, progress)

    def _drive(self, addresses: Mapping[str, str], run: Run, progress: Progress) -> None:
        """Run Locust to its end and keep what it recorded, however it ended."""
        options, dependencies = self._options, self._dependencies
        with scratch_folder() as folder:
            locust = LocustRun(options=options, addresses=addresses, samples=folder, logs=run.logs)
            progress.add_task(f"{options.scenario.name} under load", total=None)
            before = dependencies.read_system()
            readings = CpuReadings()
            try:
                locust.carry_out(readings, program=self._program, sleep=dependencies.sleep)
            finally:
                used = spent(before, dependencies.read_system())
                self._keep(locust, run)
                self._load = replace(self._load, cores=readings.cores())
                scenario = options.scenario.name
                self._record.system.append(
                    CaseUse.of(used, scenario=scenario, regime=LOAD, restart=0)
                )
                self._save(run)
        if not self._compares:
            raise StackError(
                "no round of blocks has answers of both variants, each twice: the services are "
                "too slow for blocks this short, or Locust could not begin; see its log, or ask "
                "for more --seconds"
            )

    def _keep(self, locust: LocustRun, run: Run) -> None:
        samples, damage = collect_samples(locust.samples, self._options.scenario)
        if samples:
            run.append(samples)
        self._compares = bool(complete_observations(samples, series_of(DEFAULT)))
        self._load = replace(self._load, damage=damage, failures=locust.failures())


def load(
    options: LoadOptions,
    environ: Mapping[str, str],
    *,
    dependencies: Dependencies | None = None,
    program: Sequence[str] = PROGRAM,
) -> int:
    """Put both variants under load with Locust, write the run's folder and print its tables.

    Returns what ``compare`` does: 3 for a run that a failed request or a failed Redis made void, 4
    when Locust or a service broke or the run was interrupted. Raises ``UsageError`` for a named
    server that does not answer.
    """
    dependencies = dependencies or Dependencies()
    return carry_out(LoadJob(options, dependencies, program), environ, dependencies.console)


def _load_record(options: LoadOptions) -> LoadRecord:
    return LoadRecord(
        locust=version("locust"),
        users=options.users,
        rate=options.rate,
        processes=options.processes,
        block_seconds=options.block_seconds,
        cores={},
    )


def _options(options: LoadOptions) -> RunOptions:
    return RunOptions(
        profile=LOAD,
        scenarios=(options.scenario.name,),
        variants=tuple(DEFAULT),
        seed=options.seed,
        users=dataset.EXAMPLE_USERS,
        todos_per_user=dataset.EXAMPLE_TODOS,
        payload_bytes=dataset.EXAMPLE_PAYLOAD_BYTES,
        restarts=1,
        observations=options.observations,
        seconds=options.seconds,
        claims=tuple(options.claims),
        asked=tuple(options.asked),
    )


@contextmanager
def _running_services(
    stack: Stack, run: Run, dependencies: Dependencies, *, seed: int
) -> Iterator[dict[str, str]]:
    """Start both services, each on a database of its own with the same data.

    Yields the addresses by variant, the reference first. However the context is left, the
    services are stopped and their databases dropped. Raises ``UsageError``,
    ``StackError`` and driver's errors.
    """
    documents = dataset.example_data(seed)
    redis_url = stack.redis.url if stack.redis else None
    with ExitStack() as cleanup:
        mongo = dependencies.connect_mongo(stack.mongo.url)
        cleanup.callback(mongo.close)
        addresses = {}
        for variant, redis in (("uncached", None), ("cached", redis_url)):
            database = f"load_{run.label}_{variant}"
            fresh = cleanup.enter_context(dataset.fresh_database(mongo, database))
            dataset.write_dataset(documents, fresh)
            service = cleanup.enter_context(
                dependencies.start_service(
                    mongo_url=stack.mongo.url,
                    database=database,
                    redis_url=redis,
                    env=_ENVIRONMENT,
                    log=run.logs / f"{variant}.log",
                    module="service",
                )
            )
            addresses[variant] = service.url
        yield addresses
