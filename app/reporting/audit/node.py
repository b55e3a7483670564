"""Questions to a node over JSON-RPC, the public gateway included."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Any, Self

import httpx

MOST_WAITS, LONGEST_WAIT = 30, 60


class CannotCheckError(Exception):
    """The question got no usable answer: nothing is said about the figures."""


class RefusedError(CannotCheckError):
    """The node answered, with an error."""


class Answers:
    """Whatever answers a node's questions. Raises CannotCheckError for what is no clear answer."""

    range_asked = 5_000  # blocks of one search, until it is found too large

    def ask(self, method: str, *params: Any) -> Any:
        raise NotImplementedError

    def chain_id(self) -> int:
        return int(self.ask("eth_chainId"), 16)

    def genesis_hash(self) -> str:
        return str(self.ask("eth_getBlockByNumber", "0x0", False)["hash"])

    def head(self) -> int:
        return int(self.ask("eth_blockNumber"), 16)

    def time(self, block: int) -> datetime:
        """A block's own."""
        found = self.ask("eth_getBlockByNumber", hex(block), False)
        return datetime.fromtimestamp(int(found["timestamp"], 16), UTC)

    def block_hash(self, block: int) -> str:
        return str(self.ask("eth_getBlockByNumber", hex(block), False)["hash"])

    def call(self, address: str, data: str, block: int) -> str:
        return str(self.ask("eth_call", {"to": address, "data": data}, hex(block)))

    def logs(self, address: str, topics: list[str], first: int, last: int) -> list[dict[str, Any]]:
        """Logs in block order; a range that the node finds too large is halved."""
        found: list[dict[str, Any]] = []
        start, width = first, self.range_asked
        while start <= last:
            end = min(start + width - 1, last)
            query = {
                "address": address,
                "topics": [topics],
                "fromBlock": hex(start),
                "toBlock": hex(end),
            }
            try:
                found += self.ask("eth_getLogs", query)
            except RefusedError:
                if width == 1:
                    raise
                width = max(1, width // 2)
                continue
            start = end + 1
        return found


class Node(Answers):
    """One JSON-RPC address; `headers` for a node that wants a token, no gateway does."""

    def __init__(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        log_range: int = 5_000,
        timeout: float = 20.0,
    ) -> None:
        self.url = url
        self.range_asked = log_range
        self._ids = count(1)
        self._http = httpx.Client(timeout=timeout, trust_env=False, headers=headers)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def ask(self, method: str, *params: Any) -> Any:
        body = {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": list(params)}
        try:
            message = self._post(body).json()
        except (httpx.HTTPError, ValueError) as error:
            raise CannotCheckError(f"{self.url} gave no answer to {method}: {error}") from error
        if not isinstance(message, dict) or "result" not in message:
            raise RefusedError(f"{self.url} refused {method}: {_refusal(message)}")
        return message["result"]

    def _post(self, body: dict[str, Any]) -> httpx.Response:
        """Whoever says when to ask again is asked again then."""
        for _ in range(MOST_WAITS):
            answer = self._http.post(self.url, json=body)
            if answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
                break
            told = answer.headers.get("Retry-After", "")
            time.sleep(min(int(told) if told.isdecimal() else 1, LONGEST_WAIT))
        return answer


def _refusal(message: Any) -> str:
    """A node's own words, with the number that its documentation lists."""
    error = message.get("error") if isinstance(message, dict) else None
    if isinstance(error, dict) and "message" in error:
        return f"{error['message']} (code {error.get('code', 'none')})"
    return f"it answered {message!r}, which is neither a result nor an error"
