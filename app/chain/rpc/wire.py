"""JSON-RPC over HTTP to one node: a question, or many in one request.

Whatever is no answer is NodeUnreachable, by the node's host and port; a refusal is the error that
its text means (`refusals.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx

from app.chain.contracts.codec import decode_revert
from app.chain.errors import ChainError, NodeRefused, NodeUnreachable, Reverted
from app.chain.rpc.nodes import Node
from app.chain.rpc.refusals import classify, fewer
from app.keyfiles import KeyFileError
from app.rpc_tokens import RpcTokens

AT_ONCE = 50  # questions in one request; nodes take 100 to 1,024
_BUSY = (429, 503)  # too much is asked of it: another one may have time
_REFUSED = (401, 403)  # whoever asks: what it allows a key, it says in JSON


class Wire:
    """Not shared between threads."""

    def __init__(self, timeout: float, tokens: RpcTokens) -> None:
        self._tokens = tokens
        self._http = httpx.Client(timeout=timeout, trust_env=False)
        self._most: dict[str, int] = {}  # questions in one request, of nodes that take fewer

    def close(self) -> None:
        self._http.close()

    def ask(self, node: Node, method: str, parameters: Sequence[Any]) -> Any:
        """The result. Raises a ChainError."""
        said = f"{node.label}, {method}"
        content = self._posted(node, said, _question(1, method, parameters))
        return _result(said, method, content)

    def ask_all(self, node: Node, method: str, asked: Sequence[Sequence[Any]]) -> list[Any]:
        """The results, in the order of the questions. Raises the first ChainError."""
        results: list[Any] = []
        while rest := asked[len(results) :]:
            results += self._ask_some(node, method, rest[: self._most.get(node.url, AT_ONCE)])
        return results

    def _ask_some(self, node: Node, method: str, asked: Sequence[Sequence[Any]]) -> list[Any]:
        """None where so many are too many: from now on it is asked fewer."""
        if len(asked) == 1:
            return [self.ask(node, method, asked[0])]
        said = f"{node.label}, {method}"
        questions = [_question(number, method, one) for number, one in enumerate(asked)]
        content = self._posted(node, said, questions)
        if isinstance(content, list):
            return [_result(said, method, one) for one in _in_order(said, content, len(asked))]
        if not isinstance(content, dict) or not isinstance(content.get("error"), dict):
            raise NodeUnreachable(f"{said}: the answer is no JSON-RPC")
        if takes := fewer(content["error"], len(asked)):
            self._most[node.url] = takes
            return []
        refused = _refusal(method, content["error"])
        if isinstance(
            refused, NodeRefused
        ):  # whatever it means, it was no single question's answer
            return [self.ask(node, method, one) for one in asked]
        raise refused

    def _posted(self, node: Node, said: str, body: Any) -> Any:
        try:
            answer = self._http.post(node.url, json=body, headers=self._tokens.headers(node.url))
            if answer.status_code in _REFUSED:
                raise NodeUnreachable(f"{said}: the node refuses our token, or wants one")
            content = None if answer.status_code in _BUSY else answer.json()
        except KeyFileError as error:
            raise NodeUnreachable(f"{said}: {error}") from error
        except (httpx.HTTPError, ValueError) as error:
            raise NodeUnreachable(f"{said}: {type(error).__name__}: {error}") from error
        if content is None:
            raise NodeUnreachable(f"{said}: the node asks for fewer requests")
        return content


def _question(number: int, method: str, parameters: Sequence[Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": list(parameters)}


def _in_order(said: str, content: list[Any], number: int) -> list[Any]:
    """A node answers many questions in any order."""
    found = {one.get("id"): one for one in content if isinstance(one, dict)}
    if found.keys() != set(range(number)):
        raise NodeUnreachable(f"{said}: {number} questions, {len(found)} answers")
    return [found[one] for one in range(number)]


def _result(said: str, method: str, content: Any) -> Any:
    if not isinstance(content, dict) or not {"result", "error"} & content.keys():
        raise NodeUnreachable(f"{said}: the answer is no JSON-RPC")
    if content.get("error") is not None:
        raise _refusal(method, content["error"])
    return content.get("result")


def _refusal(method: str, error: dict[str, Any]) -> ChainError:
    message, data = str(error.get("message", "")), error.get("data")
    if isinstance(data, dict):  # some nodes wrap it
        data = data.get("data")
    if method == "eth_estimateGas" and "gas required exceeds" in message.lower():
        return Reverted("TransactionTooLarge", {"answer": message})
    if "revert" in message.lower() or error.get("code") == 3:
        return decode_revert(data if isinstance(data, str) else "0x")
    return classify(method, int(error.get("code", 0)), message)
