"""``fivefold capacity``: sweep the connections, publish, say what holds."""

from collections.abc import Mapping

from benchmarks.capacity.options import CapacityOptions
from benchmarks.capacity.sweep import CapacitySweep
from benchmarks.runner.dependencies import Dependencies
from benchmarks.runner.job import carry_out


def capacity(
    options: CapacityOptions, environ: Mapping[str, str], *, tools: Dependencies | None = None
) -> int:
    """Measure the ladder, write the run's folder and print its tables.

    Returns 0, 3 when a check failed, or 4 when something broke or the run was interrupted; a
    target that does not hold is a finding, not a failure. Raises ``UsageError`` for a named
    server that cannot be used.
    """
    tools = tools or Dependencies()
    return carry_out(CapacitySweep(options, tools), environ, tools.console)
