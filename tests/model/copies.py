"""Copies in a process: where they may be made and used, what they end with."""

from tests.model.rules import Rules, Setup
from tests.model.state import Copy, Fence, Reader, Steps, World

_WAITING = frozenset({"look", "outlast", "look-again", "outlast-again"})


def copying_steps(world: World, setup: Setup) -> Steps:
    """Return the processes that may have writers wait from now on, in the present namespace."""
    fence = world.fence
    if fence.phase not in ("on", "arm") or fence.seq >= setup.max_seq:
        return
    if fence.copied_since is None:
        seq = fence.seq + 1
        waited = fence._replace(seq=seq, copied_since=seq)
        for process in sorted(setup.copying):
            after = world._replace(fence=waited).leased(process, waited)
            yield f"P{process} has writers wait", after


def may_copy(world: World, setup: Setup, rules: Rules, process: int, fence: Fence) -> bool:
    """Tell whether this process makes and uses copies: who waits for none has no lease any more."""
    if process not in setup.copying:
        return False
    since = fence.copied_since
    if since is None:
        return not rules.copies_where_writers_wait
    return not rules.copies_after_grace or world.outlived(since)


def usable(world: World, setup: Setup, rules: Rules, process: int) -> Copy | None:
    """Return the copy that a reader of this process may answer with."""
    copy, lease = world.copies[process], world.leases[process]
    if copy is None or not rules.copies_need_a_lease:
        return copy
    if lease is None or not lease.readable or lease.namespace != copy.namespace:
        return None
    return copy if may_copy(world, setup, rules, process, lease) else None


def confirmed(world: World, number: int) -> World:
    """Return the world after a writer's command: what was asked for so far, it has to outlast."""
    who = frozenset({number})
    copies = tuple(copy and copy._replace(before=copy.before | who) for copy in world.copies)
    readers = tuple(
        reader if reader.before is None else reader._replace(before=reader.before | who)
        for reader in world.readers
    )
    return world._replace(copies=copies, readers=readers)


def outlasted(world: World, number: int) -> World:
    """Return the world after a writer waited: what was asked for before its command has ended."""
    copies = tuple(None if copy and number in copy.before else copy for copy in world.copies)
    readers = tuple(
        reader._replace(before=None) if reader.before and number in reader.before else reader
        for reader in world.readers
    )
    return world._replace(copies=copies, readers=readers)


def heard(world: World, rules: Rules, process: int, reader: Reader) -> World:
    """Return the world after an answer was heard, and copied unless its time is over."""
    assert reader.fence is not None
    before = reader.before if rules.copies_count_from_question else frozenset()
    if before is None:
        return world
    return world.copied(process, Copy(reader.fence.namespace, reader.version, before))


def without_idle_copies(world: World, setup: Setup) -> World:
    """Return the world without copies that nobody will read, and without writers that wait not."""
    if not any(world.copies) and all(reader.before is None for reader in world.readers):
        return world
    waiting = frozenset(
        number for number, writer in enumerate(world.writers) if writer.at in _WAITING
    )
    to_come = {
        process
        for reader, process in zip(world.readers, setup.readers, strict=True)
        if reader.at == "idle"
    }
    copies = tuple(
        copy._replace(before=copy.before & waiting) if copy and process in to_come else None
        for process, copy in enumerate(world.copies)
    )
    readers = tuple(
        reader
        if reader.before is None
        else reader._replace(before=reader.before & waiting if process in to_come else None)
        for reader, process in zip(world.readers, setup.readers, strict=True)
    )
    if copies == world.copies and readers == world.readers:
        return world
    return world._replace(copies=copies, readers=readers)
