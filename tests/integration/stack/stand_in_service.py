"""A stand-in for the service: says on ``/`` what it was asked and which settings it got."""

import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer


class StandInHandler(BaseHTTPRequestHandler):
    asked_if_ready = 0

    def do_GET(self) -> None:
        if self.path == "/readyz":
            StandInHandler.asked_if_ready += 1
        ready = StandInHandler.asked_if_ready > int(os.environ.get("NOT_READY_TIMES", "0"))
        got = {
            "argv": sys.argv[1:],
            "environ": dict(os.environ),
            "asked_if_ready": StandInHandler.asked_if_ready,
        }
        body = json.dumps(got).encode()
        self.send_response(200 if ready else 503)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        if self.path == "/die":
            self.log_message("asked to die")
            self.wfile.flush()
            os.kill(os.getpid(), signal.SIGKILL)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        sys.stderr.write(format % args + "\n")


def main() -> None:
    if "WRONG_SETTING" in os.environ:
        sys.stderr.write("RATE_LIMIT_LOGIN: takes COUNT/PERIOD such as 5/minute\n")
        sys.exit(2)
    options = dict(zip(sys.argv[1::2], sys.argv[2::2], strict=True))
    HTTPServer((options["--host"], int(options["--port"])), StandInHandler).serve_forever()


if __name__ == "__main__":
    main()
