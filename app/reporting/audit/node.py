"""Questions to a node over JSON-RPC, the public gateway included."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Any, Self

import httpx

from app.json_depth import check_depth
from app.reporting.audit.shapes import Shape, fault

HEADER: Shape = {"hash": str, "timestamp": str}
LOG: Shape = {"topics": [str], "data": str, "blockNumber": str, "logIndex": str}
MOST_WAITS, LONGEST_WAIT = 30, 60


class CannotCheckError(Exception):
    """The question got no usable answer: nothing is said about the figures."""


class RefusedError(CannotCheckError):
    """The node answered, with an error."""


def require(name: str, value: object, shape: Shape) -> None:
    """Raises CannotCheckError that names `name`, the place in it, and what belongs there."""
    wrong = fault(value, shape)
    if wrong is not None:
        raise CannotCheckError(f"{name}: {wrong}")


def read_json(name: str, content: bytes) -> Any:
    """Raises CannotCheckError that names `name`, also for a text that nothing could print."""
    try:
        text = content.decode()
        check_depth(text)
        found = json.loads(text)
        json.dumps(found, ensure_ascii=False).encode()
    except ValueError as error:
        raise CannotCheckError(f"{name} must be JSON in UTF-8: {error}") from error
    return found


class Answers:
    """Whatever answers a node's questions. Raises CannotCheckError for what is no clear answer."""

    name = "the node"
    range_asked = 5_000  # blocks of one search, until it is found too large

    def ask(self, method: str, *params: Any) -> Any:
        raise NotImplementedError

    def chain_id(self) -> int:
        return self._number("eth_chainId", self._asked(str, "eth_chainId"))

    def genesis_hash(self) -> str:
        return self.block_hash(0)

    def head(self) -> int:
        return self._number("eth_blockNumber", self._asked(str, "eth_blockNumber"))

    def time(self, block: int) -> datetime:
        """A block's own."""
        seconds = self._number("eth_getBlockByNumber", self._header(block)["timestamp"])
        try:
            return datetime.fromtimestamp(seconds, UTC)
        except (ValueError, OverflowError, OSError) as error:
            raise CannotCheckError(f"{self.name} says that block {block} is of no time") from error

    def block_hash(self, block: int) -> str:
        return str(self._header(block)["hash"])

    def call(self, address: str, data: str, block: int) -> str:
        return str(self._asked(str, "eth_call", {"to": address, "data": data}, hex(block)))

    def _header(self, block: int) -> dict[str, Any]:
        header = self.ask("eth_getBlockByNumber", hex(block), False)
        require(f"block {block}, as {self.name} has it", header, HEADER)
        return dict(header)

    def _asked(self, shape: Shape, method: str, *params: Any) -> Any:
        answer = self.ask(method, *params)
        require(f"the answer of {self.name} to {method}", answer, shape)
        return answer

    def _number(self, method: str, text: str) -> int:
        try:
            return int(text, 16)
        except ValueError as error:
            said = (
                f"the answer of {self.name} to {method}: {text[:40]!r} must be a hexadecimal number"
            )
            raise CannotCheckError(said) from error

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
                found += self._asked([LOG], "eth_getLogs", query)
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
        self.url = self.name = url
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
            content = self._post(body).content
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise CannotCheckError(f"{self.url} gave no answer to {method}: {error}") from error
        message = read_json(f"the answer of {self.url} to {method}", content)
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
