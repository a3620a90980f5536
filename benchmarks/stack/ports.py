"""Choose and check TCP ports of this machine."""

import errno
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.stack.errors import StackError

HOST = "127.0.0.1"
_CONNECT_TIMEOUT_S = 1.0


@contextmanager
def held_port() -> Iterator[int]:
    """Choose a port that nothing listens on, and that no other process gets meanwhile.

    Servers may listen on it, as they reuse addresses: so one that is killed finds its port again.
    """
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind((HOST, 0))
        port = int(holder.getsockname()[1])
        if sys.platform != "linux":
            # Elsewhere no two sockets have the same address, listening or not.
            holder.close()
        yield port


def require_free_port(port: int) -> None:
    """Raise ``StackError`` naming the port unless a server could listen on it now."""
    # Asking first matters where a listener on all addresses does not stop a bind to this one.
    taken = f"Port {port} of {HOST} is taken; stop what listens there or choose another port."
    if answers(port):
        raise StackError(taken)
    with socket.socket() as candidate:
        # Without it, connections that linger after a restart would count as a server.
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind((HOST, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise StackError(taken) from error
            raise StackError(
                f"Port {port} cannot be used ({error.strerror}); choose one from 1024 to 65535."
            ) from error


def answers(port: int) -> bool:
    """Tell whether something accepts connections on the port."""
    with socket.socket() as client:
        client.settimeout(_CONNECT_TIMEOUT_S)
        return client.connect_ex((HOST, port)) == 0
