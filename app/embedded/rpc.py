"""JSON-RPC to our own node on loopback: enough to make blocks, without a chain library."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import httpx

from app.embedded.ports import LOOPBACK


class RpcError(Exception):
    """The node answered with an error."""


class Rpc:
    """One connection. Raises RpcError, or httpx.HTTPError when nobody answers."""

    def __init__(self, port: int, *, timeout: float = 30.0) -> None:
        self._client = httpx.Client(base_url=f"http://{LOOPBACK}:{port}", timeout=timeout)

    def __call__(self, method: str, *params: Any) -> Any:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        answer = self._client.post("/", json=body).raise_for_status().json()
        if "error" in answer:
            raise RpcError(f"{method}: {answer['error'].get('message')}")
        return answer["result"]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._client.close()


def node_answers(port: int, chain_id: int) -> bool:
    """Whether our node, and no other, answers there."""
    try:
        with Rpc(port, timeout=2.0) as rpc:
            return int(rpc("eth_chainId"), 16) == chain_id
    except (httpx.HTTPError, RpcError):
        return False
