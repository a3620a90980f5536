"""The fence and the leases on it: leases run out, the fence opens and closes."""

from tests.model.rules import Rules, Setup
from tests.model.state import GlobalState, ModelFence, Steps, WriterAt


def renewed(state: GlobalState, process: int) -> GlobalState:
    """Return the state after a process asked for the fence; where there was none, it is closed."""
    if state.fence.phase == "gone":
        return born(state, process, opened=False)
    return state.leased(process, state.fence)


def born(state: GlobalState, process: int, *, opened: bool) -> GlobalState:
    """Return the state after a process made the fence, in a namespace that nobody ever used."""
    seq = state.fence.seq + 1
    fence = ModelFence(seq, "on" if opened else "off", seq, state.run)
    return state._replace(fence=fence).leased(process, fence)


def closed(state: GlobalState, process: int, decided: ModelFence) -> GlobalState:
    """Return the state after a compare-and-set to ``off``, or a renewal where it came too late."""
    if state.fence != decided:
        return renewed(state, process)
    fence = decided._replace(seq=decided.seq + 1, phase="off")
    return state._replace(fence=fence).leased(process, fence)


def lease_steps(state: GlobalState) -> Steps:
    """Return the leases that may run out and be renewed.

    That a lease ran out needs no state of its own. A reader may always do without the cache, a
    writer without a lease takes a new one, and who holds the present version keeps nobody waiting:
    whatever a process without a lease can do, one with a renewed lease can do as well.
    """
    for process, lease in enumerate(state.leases):
        if lease != state.fence:
            yield f"lease of P{process} runs out", renewed(state, process)


def birth_steps(state: GlobalState, setup: Setup, rules: Rules) -> Steps:
    """Return the processes that may find a database without a fence as they start."""
    if state.fence.phase != "gone":
        return
    known = state.fence.seq and rules.remade_fence_is_closed
    for process in range(setup.processes):
        if process not in setup.without_redis and not known:
            yield f"P{process} makes the fence, open", born(state, process, opened=True)
        yield f"P{process} makes the fence, closed", born(state, process, opened=False)


def recovery_steps(state: GlobalState, setup: Setup, rules: Rules) -> Steps:
    """Return the steps of the recovery monitor, which waits for leases and commits to run out."""
    fence = state.fence
    if fence.phase == "gone" or fence.seq >= setup.max_seq:
        return
    seq = fence.seq + 1
    if fence.phase == "off" and (not rules.arm_waits or state.outlived(fence.seq)):
        phase = "arm" if rules.arms_before_opening else "on"
        armed = ModelFence(seq, "arm" if phase == "arm" else "on", seq, state.run, fence.enabled)
        yield f"recovery: {phase}", state._replace(fence=armed)
    if fence.phase == "arm" and (not rules.open_waits or _may_open(state, setup, rules, fence)):
        yield "recovery: on", state._replace(fence=fence._replace(seq=seq, phase="on"))
    if rules.bound_to_run and fence.phase != "off" and fence.run != state.run:
        yield "recovery: new run", state._replace(fence=fence._replace(seq=seq, phase="off"))


def _may_open(state: GlobalState, setup: Setup, rules: Rules, fence: ModelFence) -> bool:
    """Tell whether ``arm`` is known to all, and what began before has committed or given up."""
    counted: tuple[WriterAt, ...] = ("mark", "close", "commit")
    if rules.commit_counts_from_question:
        counted = ("asked", *counted)
    return state.outlived(fence.seq) and not (
        setup.deadline
        and any(
            writer.at in counted and writer.fence is not None and writer.fence.seq < fence.seq
            for writer in state.writers
        )
    )


def operator_steps(state: GlobalState, setup: Setup) -> Steps:
    """Return what people do: flip the flag, drop the namespace, lose the fence's document."""
    fence, budget = state.fence, state.budget
    if fence.phase == "gone" or fence.seq >= setup.max_seq:
        return
    seq = fence.seq + 1
    if budget.flips:
        fewer = state._replace(budget=budget._replace(flips=budget.flips - 1))
        flipped = fence._replace(seq=seq, enabled=not fence.enabled)
        yield f"operator: enabled={flipped.enabled}", fewer._replace(fence=flipped)
    if budget.drops and fence.phase != "off":
        fewer = state._replace(budget=budget._replace(drops=budget.drops - 1))
        dropped = fence._replace(seq=seq, phase="off")
        yield "operator: drops", fewer._replace(fence=dropped)
    if budget.removals:
        fewer = state._replace(budget=budget._replace(removals=budget.removals - 1))
        yield (
            "somebody removes the fence",
            fewer._replace(fence=fence._replace(seq=seq, phase="gone")),
        )
