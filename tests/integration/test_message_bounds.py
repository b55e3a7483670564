"""Where a request ends: the server never takes a part of one for another that was smuggled in.

The server is the one that serves a city (granian, with the image's flags).
"""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.embedded.ports import LOOPBACK, free_port

ROOT = Path(__file__).parents[2]
HIDDEN = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
START_SECONDS = 30
ENDS = b"Connection: close\r\n\r\n"  # what comes after this request's body is answered by nobody


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    number = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--http", "1", "--no-ws"]
    command += ["--host", LOOPBACK, "--port", str(number), "tests.support.echo_app:application"]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        _wait(number, process)
        yield number
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection((LOOPBACK, port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the server did not start")


def answers(port: int, sent: bytes) -> tuple[list[int], bytes]:
    """All that comes back until the server closes or falls silent: statuses, and everything."""
    received = b""
    with socket.create_connection((LOOPBACK, port), timeout=3) as connection:
        connection.sendall(sent)
        try:
            while part := connection.recv(65536):
                received += part
        except TimeoutError:
            pass
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3})", received)], received


def request(*headers: bytes, body: bytes = b"") -> bytes:
    return (
        b"\r\n".join((b"POST / HTTP/1.1", b"Host: a", *headers, ENDS.rstrip())) + b"\r\n\r\n" + body
    )


def test_a_plain_request_is_answered(port: int) -> None:
    statuses, received = answers(port, request(b"Content-Length: 2", body=b"ab"))
    assert statuses == [200]
    assert b"POST / b'ab'" in received


def test_with_both_lengths_the_chunks_count_or_nothing(port: int) -> None:
    """RFC 9112: Content-Length is ignored beside Transfer-Encoding, or the request refused."""
    chunks = b"2\r\nab\r\n0\r\n\r\n"
    both = request(b"Content-Length: 4", b"Transfer-Encoding: chunked", body=chunks + HIDDEN)
    statuses, received = answers(port, both)
    assert statuses in ([200], [400])
    assert b"smuggled" not in received
    assert statuses == [400] or b"POST / b'ab'" in received


@pytest.mark.parametrize(
    "headers",
    [
        (b"Content-Length: 2", b"Content-Length: 40"),
        (b"Content-Length: -1",),
        (b"Content-Length: 2x",),
        (b"Content-Length: 99999999999999999999999",),
        (b"Transfer-Encoding: chunked, identity",),
        (b"Transfer-Encoding: xchunked",),
        (b"Transfer-Encoding : chunked",),
        (b"Content-Length: 2", b"X: a\x00b"),
    ],
)
def test_a_length_that_cannot_be_is_refused(port: int, headers: tuple[bytes, ...]) -> None:
    statuses, received = answers(port, request(*headers, body=b"ab" + HIDDEN))
    assert statuses in ([400], [])
    assert b"smuggled" not in received


@pytest.mark.parametrize(
    "chunks",
    [b"zz\r\nab\r\n0\r\n\r\n", b"-2\r\nab\r\n0\r\n\r\n", b"2\r\nab\r\nzz\r\n"],
)
def test_a_chunk_that_cannot_be_is_neither_a_request_nor_half_a_body(
    port: int, chunks: bytes
) -> None:
    """The server hands the application no body at all; what needs one is then refused."""
    sent = request(b"Transfer-Encoding: chunked", body=chunks + HIDDEN)
    statuses, received = answers(port, sent)
    assert len(statuses) <= 1
    assert b"smuggled" not in received
    assert b"ab" not in received
