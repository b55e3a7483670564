"""The signer's Unix socket: one thread per connection, only for the users it was told of.

Each connection's user is asked of the kernel: the signer's own, root, and those of
SIGNER_CLIENT_USERS, without which the socket has mode 600. A connection may stay open. Whatever
goes wrong with one request is answered, logged by kind, and ends nothing.
"""

from __future__ import annotations

import os
import socket
import socketserver
import struct
from pathlib import Path
from typing import Any

from app import telemetry
from app.chain.signer_protocol import DisconnectedError, receive, send, short_path
from app.errors import Problem
from workers.signer.operations import Signer

log = telemetry.logger("signer")
_IDLE_SECONDS = 600
_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid


class Server(socketserver.ThreadingUnixStreamServer):
    """Serves until `shutdown`; a socket left by a killed predecessor is replaced."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, path: Path, signer: Signer, clients: frozenset[int] = frozenset()) -> None:
        self.signer = signer
        self.path = path
        self.clients = clients | {0, os.geteuid()}
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        previous = os.umask(0o111 if clients else 0o177)
        try:
            with short_path(path) as name:
                super().__init__(name, _Connection)
        finally:
            os.umask(previous)

    def server_close(self) -> None:
        super().server_close()
        self.path.unlink(missing_ok=True)

    def verify_request(self, request: Any, _address: Any) -> bool:
        raw = request.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        _, user, _ = _CREDENTIALS.unpack(raw)
        return user in self.clients


class _Connection(socketserver.BaseRequestHandler):
    request: socket.socket
    server: Server

    def handle(self) -> None:
        self.request.settimeout(_IDLE_SECONDS)
        try:
            while True:
                send(self.request, _answer(self.server.signer, receive(self.request)))
        except (DisconnectedError, TimeoutError, ConnectionError):
            return
        except ValueError:
            log.warning("signer_message_unreadable")


def _answer(signer: Signer, request: dict[str, Any]) -> dict[str, Any]:
    """Never raises: an operation's failure is an answer. Arguments are never logged."""
    try:
        return {"ok": signer.answer(request)}
    except Problem as problem:
        log.info("signer_refused", operation=request.get("operation"), problem_code=problem.code)
        return {"problem": problem.code, "values": problem.values}
    except (TypeError, ValueError, KeyError) as error:
        log.warning("signer_request_invalid", kind=_kind(error))
        return {"problem": "signer-request-invalid"}
    except Exception as error:  # noqa: BLE001 - one request must not end the process
        # without the traceback: an SQL error would show what was to be stored
        log.error("signer_failed", operation=request.get("operation"), kind=_kind(error))  # noqa: TRY400
        return {"problem": "signer-away"}


def _kind(error: Exception) -> str:
    return type(error).__name__
