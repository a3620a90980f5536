"""Signals to end the process unwind its blocks."""

import os
import signal
from collections.abc import Iterator

import pytest

from benchmarks.stack.signals import terminate_as_interrupt

pytestmark = pytest.mark.usefixtures("_restored_handlers")


@pytest.fixture
def _restored_handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_end_arrives_as_an_interrupt(number: signal.Signals) -> None:
    # The tests themselves may have been started with nohup.
    signal.signal(number, signal.SIG_DFL)

    with pytest.raises(KeyboardInterrupt, match=number.name), terminate_as_interrupt():
        os.kill(os.getpid(), number)


def test_the_handlers_from_before_come_back_and_what_nohup_ignores_stays_ignored() -> None:
    def mine(*_: object) -> None: ...

    signal.signal(signal.SIGTERM, mine)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with terminate_as_interrupt():
        os.kill(os.getpid(), signal.SIGHUP)
        assert signal.getsignal(signal.SIGTERM) is not mine

    assert signal.getsignal(signal.SIGTERM) is mine
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
