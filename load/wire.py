"""The smallest client that keeps connections: what it costs is taken from neither side's ratio."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from app.embedded.ports import LOOPBACK

CONNECTIONS = 8


class UnexpectedAnswerError(Exception):
    """The server refused what the benchmark sends: its figure would mean nothing."""


def post(path: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> bytes:
    content = json.dumps(body).encode()
    own = {"Content-Type": "application/json", "Content-Length": str(len(content)), **headers}
    return _head("POST", path, own) + content


def get(path: str, headers: Mapping[str, str] | None = None) -> bytes:
    return _head("GET", path, headers or {})


def _head(method: str, path: str, headers: Mapping[str, str]) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: {LOOPBACK}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def rate(port: int, requests: Sequence[bytes], *, connections: int = CONNECTIONS) -> float:
    """Requests a second over some connections, each sending as soon as it was answered."""
    failures: list[BaseException] = []
    start = threading.Barrier(connections + 1)

    def work(share: Sequence[bytes]) -> None:
        try:
            with socket.create_connection((LOOPBACK, port), timeout=60) as wire:
                start.wait()
                for one in share:
                    exchange(wire, one)
        except BaseException as error:  # noqa: BLE001 - raised below, in the caller's thread
            failures.append(error)
            start.abort()

    threads = [
        threading.Thread(target=work, args=(requests[number::connections],), daemon=True)
        for number in range(connections)
    ]
    for thread in threads:
        thread.start()
    if not failures:
        start.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return len(requests) / (time.perf_counter() - begun)


def exchange(wire: socket.socket, request: bytes) -> bytes:
    """Sends one and returns the body of its answer. Raises UnexpectedAnswerError above 299."""
    wire.sendall(request)
    received = b""
    while (end := received.find(b"\r\n\r\n")) < 0:
        received += _some(wire)
    head, body = received[:end].lower(), received[end + 4 :]
    length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
    while len(body) < length:
        body += _some(wire)
    if not head[9:10] == b"2":
        raise UnexpectedAnswerError((head.splitlines()[0] + b" " + body[:500]).decode())
    return body


def _some(wire: socket.socket) -> bytes:
    part = wire.recv(1 << 16)
    if not part:
        raise UnexpectedAnswerError("the server closed the connection")
    return part
