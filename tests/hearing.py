"""Start Python so that it hears signals, whoever runs the tests.

Whoever runs them may have been told to ignore what a program is to hear: nohup ignores SIGHUP, a
shell without job control SIGINT, and both are inherited.
"""

import sys

_HEAR = """
import os, signal, sys
for number in (signal.SIGHUP, signal.SIGINT):
    signal.signal(number, signal.SIG_DFL)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


def hearing(*arguments: str) -> list[str]:
    """Return the command that runs Python with these arguments, as the process it is started as."""
    return [sys.executable, "-I", "-S", "-c", _HEAR, *arguments]
