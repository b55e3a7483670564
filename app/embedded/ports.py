"""Loopback ports: free ones for what only we talk to, and a look at the one people use."""

from __future__ import annotations

import socket

from app.embedded.errors import EmbeddedError

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A port that nobody listens on now; between now and its use somebody may take it."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


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
