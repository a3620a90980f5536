"""A headless Chromium that is told what to do over its own protocol (CDP), and nothing more."""

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
)
_PATIENCE_S = 30.0
_NAMES = ("chromium", "chromium-browser", "google-chrome")


def installed() -> str | None:
    """Return the program, None where there is none."""
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


class Tab:
    """One page; every event that it reports is kept."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._session: str | None = None
        self._number = 0
        self.events: list[dict[str, Any]] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Return the answer to a command; raises ``RuntimeError`` for a refusal."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        self._socket.send(json.dumps(message))
        while True:
            answer = self._receive()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return dict(answer["result"])

    def show(
        self, file: Path, *, width: int, height: int, scheme: str, media: str = "screen"
    ) -> None:
        """Open a file in a window of this size, on light or dark paper."""
        self.become(width=width, height=height, scheme=scheme, media=media)
        self.events.clear()
        self.call("Page.navigate", url=file.as_uri())
        while not self.seen("Page.loadEventFired"):
            self._receive()

    def become(self, *, width: int, height: int, scheme: str, media: str = "screen") -> None:
        """Be a window of this size, with light or dark paper, whatever is open in it."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", media=media, features=features)

    def seen(self, method: str) -> list[dict[str, Any]]:
        """Return the events of one kind since the page was opened."""
        return [event["params"] for event in self.events if event["method"] == method]

    def value(self, expression: str) -> Any:
        """Return what a JavaScript expression gives, as plain values."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def screenshot(self) -> bytes:
        """Return the whole page as PNG, also what is below the window."""
        answer = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        return base64.b64decode(answer["data"])

    def pdf(self) -> bytes:
        """Return the page as it is printed."""
        return base64.b64decode(self.call("Page.printToPDF", printBackground=True)["data"])

    def _receive(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self._socket.recv(timeout=_PATIENCE_S))
        if "method" in message:
            self.events.append(message)
        return message


@contextmanager
def running(program: str, folder: Path) -> Iterator[Tab]:
    """Have a browser with one page; ``folder`` becomes its profile and is empty before."""
    command = [program, *_FLAGS, f"--user-data-dir={folder}", "about:blank"]
    # Of the environment it gets only what finds its files, so that no proxy or account is in it.
    env = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    process = subprocess.Popen(
        command,
        env=env | {"HOME": str(folder)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        with connect(_address(folder, process), max_size=None) as socket:
            tab = Tab(socket)
            yield tab
    finally:
        process.terminate()
        process.wait(timeout=_PATIENCE_S)


def _address(folder: Path, process: subprocess.Popen[bytes]) -> str:
    """Wait until the browser has written down where it listens."""
    file = folder / "DevToolsActivePort"
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        lines = file.read_text().splitlines() if file.exists() else []
        if len(lines) == 2:
            return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
        time.sleep(0.05)
    raise RuntimeError(f"the browser does not answer (exit code {process.poll()})")
