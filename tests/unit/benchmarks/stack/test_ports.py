"""Ports are checked before a server is started on them."""

import socket
import sys

import pytest

from benchmarks.stack.errors import StackError
from benchmarks.stack.ports import HOST, answers, held_port, require_free_port


def require_that_nobody_else_gets(port: int) -> None:
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind((HOST, port))


def test_a_held_port_can_be_listened_on_again_and_again_and_is_given_to_nobody_else() -> None:
    with held_port() as port:
        if sys.platform == "linux":
            require_that_nobody_else_gets(port)
        for _ in range(2):
            require_free_port(port)
            with socket.create_server((HOST, port)):
                assert answers(port)
            assert not answers(port)


@pytest.mark.parametrize("address", [HOST, "0.0.0.0"])
@pytest.mark.parametrize("listens", [True, False])
def test_a_taken_port_is_named_with_what_to_do_even_if_nobody_answers_there(
    address: str, *, listens: bool
) -> None:
    with socket.socket() as holder:
        holder.bind((address, 0))
        if listens:
            holder.listen()
        port = holder.getsockname()[1]

        with pytest.raises(StackError, match=rf"Port {port} .* is taken; .* another port"):
            require_free_port(port)


def test_connections_that_linger_after_a_restart_do_not_count() -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection((HOST, port)):
            visitor, _ = server.accept()
            visitor.close()

    require_free_port(port)
