"""Each step of the fence."""

from dataclasses import replace

import pytest

from service.coherence.fence import Fence, State

ON = Fence("d", seq=7, state=State.ON, namespace=3, run_id="run-1", pin=2, fences={"lost": 1})
ARM = replace(ON, state=State.ARM)
OFF = replace(ON, state=State.OFF)


def test_closing_keeps_all_but_the_state_and_counts_the_reason() -> None:
    assert ON.fenced("lost") == replace(ON, seq=8, state=State.OFF, fences={"lost": 2})
    assert ON.fenced("new").fences == {"lost": 1, "new": 1}
    assert ON.fences == {"lost": 1}


def test_arming_takes_a_namespace_that_nobody_ever_used() -> None:
    armed = OFF.armed("run-2")

    assert armed == replace(OFF, seq=8, state=State.ARM, namespace=8, run_id="run-2")
    assert armed.fenced("lost").armed("run-2").namespace > armed.namespace


def test_opening_keeps_the_namespace_that_writers_have_been_clearing() -> None:
    assert ARM.opened() == replace(ARM, seq=8, state=State.ON)


def test_the_flag_changes_nothing_else_and_survives_a_whole_round() -> None:
    off = ON.switched(enabled=False)

    assert off == replace(ON, seq=8, enabled=False)
    assert off.switched(enabled=True) == replace(ON, seq=9)
    assert not off.fenced("lost").armed("run-2").opened().enabled


def test_the_longest_lease_and_commit_only_rise_and_outlive_the_namespace() -> None:
    allowing = ON.allowing(3.0, 2.0)

    assert allowing == replace(ON, seq=8, lease_s=3.0)
    assert allowing.allowing(0.5, 9.0) == replace(ON, seq=9, lease_s=3.0, write_deadline_s=9.0)
    assert allowing.allowing(3.0, 5.0) is allowing
    assert allowing.fenced("lost").armed("run-2").opened().lease_s == 3.0


@pytest.mark.parametrize(
    ("fence", "readable", "writable"),
    [
        (ON, True, True),
        (ARM, False, True),
        (OFF, False, False),
        (replace(ON, enabled=False), False, True),
        (replace(ARM, enabled=False), False, True),
        (replace(OFF, enabled=False), False, False),
    ],
)
def test_who_may_use_the_namespace(fence: Fence, readable: bool, writable: bool) -> None:  # noqa: FBT001
    assert (fence.readable, fence.writable) == (readable, writable)
