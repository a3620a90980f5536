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
    same way, and whoever started this process is to know.
    """
    app = partial(_supervised, module, factory, os.getpid())
    config = Config(app, factory=True, **options)
    supervisor = _Supervisor(config, sockets=[config.bind_socket()])
    supervisor.run()
    failed = any(process.exitcode == STARTUP_FAILURE for process in supervisor.processes)
    return STARTUP_FAILURE if failed else 0


class _Supervisor(Multiprocess):
    """Ends so that whoever comes meanwhile is refused, and not left waiting for a reset."""

    def terminate_all(self) -> None:
        """Stop listening, and end every worker."""
        for each in self.sockets:
            each.close()
        super().terminate_all()


def _supervised(module: str, factory: str, supervisor: int) -> Any:
    """Return the application of a worker, which ends when its supervisor has gone."""

    def watch() -> None:
        while os.getppid() == supervisor:
            time.sleep(LOOK_S)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
    return getattr(import_module(module), factory)()
