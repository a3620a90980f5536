"""How much to try: ``ci`` by default, ``long`` where the environment has ``STATEFUL_PROFILE=long``.

CI looks at the same examples every time and tells what it finds as it is. The long profile draws
new examples each time and shrinks what it finds; it runs for half an hour or so.
"""

import os

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

_UNSUITABLE = [
    HealthCheck.too_slow,  # a step starts and kills servers, and waits for leases to run out
    HealthCheck.filter_too_much,  # most rules need somebody who is logged in
    HealthCheck.data_too_large,  # a step draws up to six values
]
_COMMON = settings(
    database=None,
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=_UNSUITABLE,
)


def is_long() -> bool:
    """Tell whether the long profile is asked for."""
    return os.environ.get("STATEFUL_PROFILE") == "long"


def timeout_s() -> int:
    """Return after how many seconds a test must be stuck, on a machine that is busy as well."""
    return 7200 if is_long() else 300


def search(machine: type[RuleBasedStateMachine], *, seed_of_ci: int) -> None:
    """Look, after one kind of fault, for a divergence where there should be none."""
    if is_long():
        longer = settings(_COMMON, max_examples=40, stateful_step_count=50)
        run_state_machine_as_test(machine, settings=longer)
    else:
        _run(machine, seed_of_ci, examples=2, steps=8)


def hunt(machine: type[RuleBasedStateMachine]) -> None:
    """Look for the mistake of a mutant; what is found is not shrunk."""
    _run(machine, 0, examples=20, steps=4)


def _run(machine: type[RuleBasedStateMachine], number: int, *, examples: int, steps: int) -> None:
    as_it_is = settings(
        _COMMON, phases=[Phase.generate], max_examples=examples, stateful_step_count=steps
    )
    run_state_machine_as_test(seed(number)(machine), settings=as_it_is)
