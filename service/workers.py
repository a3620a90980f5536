"""Several worker processes on one port, and the one that supervises them."""

import os
import signal
import threading
import time
from functools import partial
from importlib import import_module
from typing import Any

from uvicorn import Config
from uvicorn.supervisors.multiprocess import Multiprocess

LOOK_S = 0.5
# Uvicorn's exit code for an application that could not be started.
STARTUP_FAILURE = 3


def serve_workers(module: str, factory: str, **options: Any) -> int:
    """Serve what ``factory`` in ``module`` returns in processes of their own; return the exit code.

    That is uvicorn's for a start that failed where a worker could not start: others would fail the
    same way, and the caller of this process must know.
    """
    app = partial(_supervised, module, factory, os.getpid())
    config = Config(app, factory=True, **options)
    supervisor = Supervisor(config, sockets=[config.bind_socket()])
    supervisor.run()
    failed = any(process.exitcode == STARTUP_FAILURE for process in supervisor.processes)
    return STARTUP_FAILURE if failed else 0


class Supervisor(Multiprocess):
    """Refuses clients while it ends, and sees at once that a worker has died."""

    def terminate_all(self) -> None:
        """Stop listening, and end every worker."""
        for each in self.sockets:
            each.close()
        super().terminate_all()

    def keep_subprocess_alive(self) -> None:
        """Replace every worker that has died or does not answer."""
        for each in self.processes:
            # This end is the worker's. While it is open here too, a question to a worker that dies
            # before it answers waits as long as an answer may take.
            each.child_conn.close()
        super().keep_subprocess_alive()


def _supervised(module: str, factory: str, supervisor: int) -> Any:
    """Return the application of a worker, which ends when its supervisor has gone."""

    def watch() -> None:
        while os.getppid() == supervisor:
            time.sleep(LOOK_S)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
    return getattr(import_module(module), factory)()
