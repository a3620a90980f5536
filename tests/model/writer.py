"""A writer, step by step as in ``service.coherence.writes``: mark, commit, settle."""

from tests.model.cache import send
from tests.model.fence import closed, renewed
from tests.model.rules import Rules, Setup
from tests.model.state import GlobalState, ModelCommand, ModelFence, Step, Steps, Writer, WriterAt


def writer_steps(state: GlobalState, setup: Setup, rules: Rules, number: int) -> Steps:
    """Return what this writer can do next."""
    writer, name = state.writers[number], f"W{number}"
    yield from _mishaps(state, setup, number)
    match writer.at:
        case "idle" | "settle":
            yield from _decide(state, setup, rules, number)
        case "asked" | "asked-again":
            yield from _answered(state, rules, number)
        case "mark" | "clear":
            yield from _command(state, setup, rules, number)
        case "close" | "close-again":
            assert writer.fence is not None
            after = closed(state, setup.writers[number], writer.fence)
            again: WriterAt = "idle" if writer.at == "close" else "settle"
            yield f"{name} closes the fence", after.writer(number, _looking(again, writer))
        case "wait" | "wait-again":
            yield from _wait(state, setup, rules, number)
        case "commit" | "queued":
            yield _commit(state, rules, number)
        case _:
            pass


def _commit(state: GlobalState, rules: Rules, number: int) -> Step:
    writer, version = state.writers[number], state.database + 1
    committed = state._replace(database=version)
    if writer.at == "queued":
        after = committed.writer(number, Writer("done"))
        return f"W{number}: queued commit {version} lands", after
    landed = writer._replace(at="settle", version=version)
    if rules.settles_with_present_fence:
        landed = landed._replace(fence=None)
    return f"W{number} commits {version}", committed.writer(number, landed)


def _looking(at: WriterAt, writer: Writer) -> Writer:
    return Writer(at, None, writer.version)


def _mishaps(state: GlobalState, setup: Setup, number: int) -> Steps:
    writer, crashes = state.writers[number], state.budget.crashes
    if not crashes or writer.at in ("idle", "queued", "done"):
        return
    fewer = state._replace(budget=state.budget._replace(crashes=crashes - 1))
    yield f"W{number} dies", fewer.writer(number, Writer("done"))
    if writer.at == "commit" and setup.late_commit:
        yield f"W{number} gives up, its commit is queued", fewer.writer(number, Writer("queued"))


def _decide(state: GlobalState, setup: Setup, rules: Rules, number: int) -> Steps:
    """Look at the fence under a valid lease: mark or clear, or wait, or (again) look."""
    writer, process, name = state.writers[number], setup.writers[number], f"W{number}"
    before = writer.at == "idle"
    lease = state.leases[process]
    twin = number and setup.writers[number - 1] == process
    if before and twin and state.writers[number - 1].at == "idle":
        return  # interchangeable with the one before, which goes first
    if writer.fence is not None:
        yield f"{name} clears as it began", state.writer(number, writer._replace(at="clear"))
        return
    if before and not rules.writes_under_lease:
        yield f"{name} begins without a lease", state.writer(number, Writer("commit"))
    if lease.phase == "gone":
        yield f"{name} renews", renewed(state, process)
        return
    if process in setup.without_redis and not rules.absent_closes_fence:
        yield from _acknowledge_or_commit(state, number, f"{name} ignores the fence")
        return
    yield f"{name} sees {lease.phase}", state.writer(number, _decided(rules, writer, lease))
    if setup.slow and state.fence.phase != "gone":
        asked = Writer("asked" if before else "asked-again", state.fence, writer.version)
        yield f"{name} asks for the fence", state.writer(number, asked)


def _answered(state: GlobalState, rules: Rules, number: int) -> Steps:
    """Decide by an answer that came too late to be a lease; a closed fence is asked for again."""
    writer, name = state.writers[number], f"W{number}"
    fence = writer.fence
    assert fence is not None
    looking = _looking("idle" if writer.at == "asked" else "settle", writer)
    if fence.phase != "off":
        yield f"{name} hears {fence.phase}", state.writer(number, _decided(rules, looking, fence))
    elif state.outlived(fence.seq):
        yield from _acknowledge_or_commit(state, number, f"{name} hears off")
    else:
        yield f"{name} hears off, looks again", state.writer(number, looking)


def _decided(rules: Rules, writer: Writer, lease: ModelFence) -> Writer:
    before = writer.at == "idle"
    at: WriterAt
    if lease.phase == "off":
        at = "wait" if before else "wait-again"
    elif before:
        skips = not rules.marks_before_commit or not (lease.enabled or rules.marks_while_disabled)
        at = "commit" if skips else "mark"
    else:
        skips = not (lease.enabled or rules.marks_while_disabled)
        at = "wait-again" if skips else "clear"
    return Writer(at, lease, writer.version)


def _command(state: GlobalState, setup: Setup, rules: Rules, number: int) -> Steps:
    """Send a mark or a clear; unconfirmed, the fence has to be closed."""
    writer, name = state.writers[number], f"W{number}"
    fence, kind = writer.fence, writer.at
    assert fence is not None
    assert kind in ("mark", "clear")
    if setup.writers[number] in setup.without_redis:
        at: WriterAt = "close" if kind == "mark" else "close-again"
        yield f"{name} has no Redis", state.writer(number, writer._replace(at=at))
        return
    namespace = fence.namespace if rules.namespace_in_key else 0
    for reply in send(state, rules, fence.run, ModelCommand(kind, namespace, number)):
        excused = kind == "clear" and not rules.mark_never_excuses_clear
        if reply.confirmed or excused or not rules.failure_closes_fence:
            word = "confirmed" if reply.confirmed else "FAILED, ignored"
            yield from _acknowledge_or_commit(reply.state, number, f"{name} {kind} {word}")
        else:
            at = "close" if kind == "mark" else "close-again"
            after = reply.state.writer(number, writer._replace(at=at))
            yield f"{name} {kind} FAILED", after


def _acknowledge_or_commit(state: GlobalState, number: int, label: str) -> Steps:
    writer = state.writers[number]
    if writer.at in ("idle", "asked", "mark", "wait"):
        yield label, state.writer(number, writer._replace(at="commit"))
        return
    floor = max(state.floor, writer.version)
    yield f"{label}, acknowledges", state._replace(floor=floor).writer(number, Writer("done"))


def _wait(state: GlobalState, setup: Setup, rules: Rules, number: int) -> Steps:
    """Wait until nobody can hold an older lease; before a commit, look once more."""
    writer, process, name = state.writers[number], setup.writers[number], f"W{number}"
    off = writer.fence
    assert off is not None
    if off.phase == "off" and rules.waits_for_older_leases and not state.outlived(off.seq):
        return
    if writer.at == "wait" and rules.looks_again_after_waiting:
        lease = state.leases[process]
        if (lease.phase, lease.namespace) != ("off", off.namespace):
            yield f"{name} waited, looks again", state.writer(number, _looking("idle", writer))
            return
        state = state.writer(number, writer._replace(fence=lease))
    yield from _acknowledge_or_commit(state, number, f"{name} waited")
