"""The fence and the leases on it: leases run out, the fence opens and closes."""

from tests.model.rules import Rules, Setup
from tests.model.state import Fence, Steps, World, WriterAt


def renewed(world: World, process: int) -> World:
    """Return the world after a process asked for the fence; where there was none, it is closed."""
    if world.fence.phase == "gone":
        return born(world, process, opened=False)
    return world.leased(process, world.fence)


def born(world: World, process: int, *, opened: bool) -> World:
    """Return the world after a process made the fence, in a namespace that nobody ever used."""
    seq = world.fence.seq + 1
    fence = Fence(seq, "on" if opened else "off", seq, world.run)
    return world._replace(fence=fence).leased(process, fence)


def closed(world: World, process: int, decided: Fence) -> World:
    """Return the world after a compare-and-set to ``off``, or a renewal where it came too late."""
    if world.fence != decided:
        return renewed(world, process)
    fence = decided._replace(seq=decided.seq + 1, phase="off")
    return world._replace(fence=fence).leased(process, fence)


def lease_steps(world: World) -> Steps:
    """Return the leases that may run out and be renewed.

    That a lease ran out needs no state of its own. A reader may always do without the cache, a
    writer without a lease takes a new one, and who holds the present version keeps nobody waiting:
    whatever a process without a lease can do, one with a renewed lease can do as well.
    """
    for process, lease in enumerate(world.leases):
        if lease is not None and lease != world.fence:
            yield f"lease of P{process} runs out", renewed(world, process)


def birth_steps(world: World, setup: Setup, rules: Rules) -> Steps:
    """Return the processes that may find a database without a fence as they start."""
    if world.fence.phase != "gone":
        return
    known = world.fence.seq and rules.remade_fence_is_closed
    for process in range(setup.processes):
        if process not in setup.without_redis and not known:
            yield f"P{process} makes the fence, open", born(world, process, opened=True)
        yield f"P{process} makes the fence, closed", born(world, process, opened=False)


def recovery_steps(world: World, setup: Setup, rules: Rules) -> Steps:
    """Return the steps of the recovery monitor, which waits for leases and commits to run out."""
    fence = world.fence
    if fence.phase == "gone" or fence.seq >= setup.max_seq:
        return
    seq = fence.seq + 1
    if fence.phase == "off" and (not rules.arm_waits or world.outlived(fence.seq)):
        phase = "arm" if rules.arms_before_opening else "on"
        armed = Fence(seq, "arm" if phase == "arm" else "on", seq, world.run, fence.enabled)
        yield f"recovery: {phase}", world._replace(fence=armed)
    if fence.phase == "arm" and (not rules.open_waits or _may_open(world, setup, rules, fence)):
        yield "recovery: on", world._replace(fence=fence._replace(seq=seq, phase="on"))
    if rules.bound_to_run and fence.phase != "off" and fence.run != world.run:
        yield "recovery: new run", world._replace(fence=fence._replace(seq=seq, phase="off"))


def _may_open(world: World, setup: Setup, rules: Rules, fence: Fence) -> bool:
    """Tell whether ``arm`` is known to all, and what began before has committed or given up."""
    counted: tuple[WriterAt, ...] = ("mark", "close", "commit")
    if rules.commit_counts_from_question:
        counted = ("asked", *counted)
    return world.outlived(fence.seq) and not (
        setup.deadline
        and any(
            writer.at in counted and writer.fence is not None and writer.fence.seq < fence.seq
            for writer in world.writers
        )
    )


def operator_steps(world: World, setup: Setup) -> Steps:
    """Return what people do: flip the flag, drop the namespace, lose the fence's document."""
    fence, budget = world.fence, world.budget
    if fence.phase == "gone" or fence.seq >= setup.max_seq:
        return
    seq = fence.seq + 1
    if budget.flips:
        fewer = world._replace(budget=budget._replace(flips=budget.flips - 1))
        flipped = fence._replace(seq=seq, enabled=not fence.enabled)
        yield f"operator: enabled={flipped.enabled}", fewer._replace(fence=flipped)
    if budget.drops and fence.phase != "off":
        fewer = world._replace(budget=budget._replace(drops=budget.drops - 1))
        dropped = fence._replace(seq=seq, phase="off")
        yield "operator: drops", fewer._replace(fence=dropped)
    if budget.removals:
        fewer = world._replace(budget=budget._replace(removals=budget.removals - 1))
        yield (
            "somebody removes the fence",
            fewer._replace(fence=fence._replace(seq=seq, phase="gone")),
        )
