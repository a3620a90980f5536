"""Tie a program to its parent: Linux signals it when the parent dies, even by SIGKILL.

Run as ``python tether.py SIGNAL PARENT_PID PROGRAM ARGUMENT...``: asks the kernel, then becomes
the program under the same process id.

A program in between, and not a ``preexec_fn``: code that runs between fork and exec in a process
with threads (drivers start some) can meet a lock that its owner, not copied, will never release,
and Python 3.12 warns of it. The request itself survives exec.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Become the program, or end with a message when the parent is already gone."""
    death_signal, parent, *program = arguments
    tie(int(death_signal), int(parent))
    # Python ignores it and exec would hand that on.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    os.execv(program[0], program)  # noqa: S606 - an argument list, not a shell line


def tie(death_signal: int, parent: int) -> None:
    """Ask for a signal when the parent dies; end with a message when it is already gone."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, death_signal)
    # A parent that died before the request was made never triggers it.
    if os.getppid() != parent:
        sys.exit("The parent process is gone.")


if __name__ == "__main__":
    main(sys.argv[1:])
