"""JSON-RPC to our own node on loopback: enough to make blocks, without a chain library."""

from __future__ import annotations

import ssl
from types import TracebackType
from typing import Any, Self

import httpx

from app.embedded.ports import LOOPBACK

_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts nobody: reading whom takes 30 ms


class RpcError(Exception):
    """The node answered with an error."""


class Rpc:
    """One connection. Raises RpcError, or httpx.HTTPError when nobody answers."""

    def __init__(self, port: int, *, timeout: float = 30.0) -> None:
        url = f"http://{LOOPBACK}:{port}"
        self._client = httpx.Client(base_url=url, timeout=timeout, verify=_NO_TLS)

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
