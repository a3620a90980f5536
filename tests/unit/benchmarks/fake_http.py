"""Serve a fake service over HTTP/1.1 on a free port."""

import json
import os
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol


class Answering(Protocol):
    def answer(
        self, method: str, path: str, token: str, body: Any
    ) -> tuple[int, Any, dict[str, str]]: ...


@dataclass(frozen=True)
class FakeProcess:
    """The test's own process: it can be looked up in /proc like any other."""

    pid: int = field(default_factory=os.getpid)


@dataclass(frozen=True)
class RunningFake:
    url: str
    process: FakeProcess = FakeProcess()


def handler_for(service: Answering) -> type[BaseHTTPRequestHandler]:
    class FakeHttpHandler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def _body(self) -> Any:
            sent = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            if self.headers.get("Content-Type") == "application/x-protobuf":
                return sent
            return json.loads(sent) if sent else None

        def _serve(self) -> None:
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            status, body, headers = service.answer(self.command, self.path, token, self._body())
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 - http.server's

        def log_message(self, *_: object) -> None:
            pass

    return FakeHttpHandler


class ListeningServer(ThreadingHTTPServer):
    """Lets many connect at once; others would try again a second later."""

    request_queue_size = 128


@contextmanager
def listening(
    handler: type[BaseHTTPRequestHandler], *, certificate: Path | None = None
) -> Iterator[RunningFake]:
    server = ListeningServer(("127.0.0.1", 0), handler)
    if certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    scheme = "https" if certificate else "http"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield RunningFake(f"{scheme}://127.0.0.1:{server.server_address[1]}")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
