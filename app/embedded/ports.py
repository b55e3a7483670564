"""Loopback ports: free ones for what only we talk to, and a look at the one people use."""

from __future__ import annotations

import random
import socket
from contextlib import suppress

from app.embedded.errors import EmbeddedError

LOOPBACK = "127.0.0.1"

_OURS = range(20_000, 32_768)


def free_port() -> int:
    """A port that nobody listens on now; between now and its use somebody may take it.

    Below those that systems give to outgoing connections (from 32768 on Linux, 49152 elsewhere):
    a part that comes back after a kill finds its port again.
    """
    for port in random.sample(_OURS, len(_OURS)):
        with socket.socket() as probe, suppress(OSError):
            probe.bind((LOOPBACK, port))
            return port
    raise EmbeddedError(f"Every port from {_OURS.start} to {_OURS.stop - 1} is in use.")


def require_free(port: int, variable: str) -> None:
    """Raises EmbeddedError when somebody listens on `port`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise EmbeddedError(
                f"Port {port} is in use ({error.strerror}): end what uses it, or choose another, "
                f"as in `make run {variable}={port + 10}`."
            ) from error


def answers(port: int) -> bool:
    """Whether somebody accepts connections there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0
