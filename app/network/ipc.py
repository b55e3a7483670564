"""JSON-RPC over a node's own socket, which only its owner can open: votes, peers, state."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

from app.embedded.rpc import RpcError

TIMEOUT = 10.0


def ask(path: Path, method: str, *params: Any) -> Any:
    """Raises RpcError when the node refuses, OSError when it isn't there."""
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(TIMEOUT)
        connection.connect(str(path))
        connection.sendall(json.dumps(body).encode())
        answer = _answer(connection)
    if "error" in answer:
        raise RpcError(f"{method}: {answer['error'].get('message')}")
    return answer["result"]


def _answer(connection: socket.socket) -> dict[str, Any]:
    """One JSON value, which ends where it is whole: the node keeps the connection open."""
    received = b""
    while chunk := connection.recv(65_536):
        received += chunk
        try:
            answer: dict[str, Any] = json.loads(received)
        except ValueError:
            continue
        return answer
    raise ConnectionError("the node hung up")
