from collections.abc import Callable

import pytest

from benchmarks.measure.framing import BrokenAnswer, read_answer

CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"4\r\nwiki\r\n6;x=y\r\npedia!\r\n0\r\nTrailer: x\r\n\r\n"
)
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


def pieces(data: bytes, size: int) -> Callable[[], bytes]:
    cut = iter([data[start : start + size] for start in range(0, len(data), size)])
    return lambda: next(cut, b"")


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize(("data", "body"), [(PLAIN, b"hello"), (CHUNKED, b"wikipedia!")])
def test_an_answer_is_read_whole_however_it_is_cut(size: int, data: bytes, body: bytes) -> None:
    answer = read_answer(pieces(data, size))

    assert (answer.status, answer.body, answer.keeps_alive) == (200, body, True)


@pytest.mark.parametrize(
    ("data", "body", "keeps_alive"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\nall of it", b"all of it", False),
        (b"HTTP/1.1 204 X\r\n\r\n", b"", True),
        (b"HTTP/1.1 304 X\r\n\r\n", b"", True),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + PLAIN, b"hello", True),
        (PLAIN.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), b"hello", False),
        (PLAIN.replace(b"\r\n\r\n", b"\r\nconnection: Close\r\n\r\n"), b"hello", False),
        (PLAIN.replace(b"1.1", b"1.0"), b"hello", False),
    ],
    ids=["no length", "204", "304", "an interim answer", "close", "Close", "HTTP/1.0"],
)
def test_where_the_body_ends_and_whether_the_connection_stays_follow_from_the_head(
    data: bytes, body: bytes, *, keeps_alive: bool
) -> None:
    answer = read_answer(pieces(data, 9))

    assert (answer.body, answer.keeps_alive) == (body, keeps_alive)


def test_header_names_are_lower_case_and_repeated_ones_are_joined() -> None:
    data = PLAIN.replace(b"\r\n\r\n", b"\r\nX-A: 1\r\nx-a:2\r\n\r\n")

    assert read_answer(pieces(data, 99)).headers["x-a"] == "1, 2"


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "without an answer"),
        (PLAIN[:-1], "in the middle"),
        (PLAIN + b"!", "1 bytes too many"),
        (b"SSH-2.0\r\n\r\n", "not HTTP/1.1"),
        (b"HTTP/1.1 abc\r\n\r\n", "'abc' is not a number"),
        (PLAIN.replace(b"5", b"-5"), "'-5' is not a number"),
        (CHUNKED.replace(b"4\r\n", b"3\r\n"), "a chunk is longer"),
        (CHUNKED.replace(b"4\r\n", b"z\r\n"), "'z' is not a number"),
    ],
)
def test_a_broken_answer_is_refused_with_what_is_wrong(data: bytes, complaint: str) -> None:
    with pytest.raises(BrokenAnswer, match=complaint):
        read_answer(pieces(data, 999))
