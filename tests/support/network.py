"""Unit tests talk to nobody: connecting raises."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn
from unittest import mock


class NetworkUsedError(AssertionError):
    """A unit test wanted to connect."""


@contextmanager
def no_network() -> Iterator[None]:
    def refuse(_socket: socket.socket, address: Any) -> NoReturn:
        raise NetworkUsedError(
            f"a unit test connects to {address!r}: it belongs in tests/integration"
        )

    with (
        mock.patch.object(socket.socket, "connect", refuse),
        mock.patch.object(socket.socket, "connect_ex", refuse),
    ):
        yield
