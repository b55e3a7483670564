"""JSON-RPC over HTTP to one node: a question, or many in one request.

Whatever is no answer is NodeUnreachable, by the node's host and port; a refusal is the error that
its text means (`refusals.py`).
"""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from functools import cache
from typing import Any

import httpx

from app.chain.contracts.codec import decode_revert
from app.chain.errors import ChainError, NodeRefused, NodeUnreachable, Reverted
from app.chain.rpc.nodes import Node
from app.chain.rpc.refusals import classify, fewer
from app.json_depth import check_depth
from app.keyfiles import KeyFileError
from app.rpc_tokens import RpcTokens

AT_ONCE = 50  # questions in one request; nodes take 100 to 1,024
_DEEPEST = 20_000  # the parser bears twice as much, and what a node is asked for has fewer brackets
_BUSY = (429, 503)  # too much is asked of it: another one may have time
_REFUSED = (401, 403)  # whoever asks: what it allows a key, it says in JSON


@cache
def _trusted() -> ssl.SSLContext:
    """Whom https believes; once for all, since reading the authorities takes 30 ms."""
    return httpx.create_ssl_context(trust_env=False)


class Wire:
    """Not shared between threads."""

    def __init__(self, timeout: float, tokens: RpcTokens) -> None:
        self._tokens = tokens
        self._http = httpx.Client(timeout=timeout, trust_env=False, verify=_trusted())
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
        error = _error(said, content)
        if error is None:
            raise NodeUnreachable(f"{said}: one answer to {len(asked)} questions")
        if takes := fewer(error, len(asked)):
            self._most[node.url] = takes
            return []
        refused = _refusal(method, error)
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
            check_depth(answer.text, _DEEPEST)
            content = None if answer.status_code in _BUSY else answer.json()
        except KeyFileError as error:
            raise NodeUnreachable(f"{said}: {error}") from error
        except (httpx.HTTPError, ValueError, RecursionError) as error:
            raise NodeUnreachable(f"{said}: {type(error).__name__}: {error}") from error
        if content is None:
            raise NodeUnreachable(f"{said}: the node asks for fewer requests")
        return content


def _question(number: int, method: str, parameters: Sequence[Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": list(parameters)}


def _in_order(said: str, content: list[Any], number: int) -> list[Any]:
    """A node answers many questions in any order."""
    answers = [one for one in content if isinstance(one, dict) and type(one.get("id")) is int]
    found = {one["id"]: one for one in answers}
    if found.keys() != set(range(number)):
        raise NodeUnreachable(f"{said}: {number} questions, {len(found)} answers")
    return [found[one] for one in range(number)]


def _result(said: str, method: str, content: Any) -> Any:
    error = _error(said, content)
    if error is not None:
        raise _refusal(method, error)
    return content.get("result")


def _error(said: str, content: Any) -> dict[str, Any] | None:
    """None where there is a result instead. Raises NodeUnreachable where it is none of JSON-RPC: a
    proxy's, say."""
    if not isinstance(content, dict) or not {"result", "error"} & content.keys():
        raise NodeUnreachable(f"{said}: the answer is no JSON-RPC")
    error = content.get("error")
    if error is None:
        return None
    if isinstance(error, dict) and type(error.get("code")) is int:
        message = error.get("message", "")
        if isinstance(message, str):  # what can't be printed can't be kept either
            shown = "".join(one if one.isprintable() else "?" for one in message)
            return {**error, "message": shown}
    raise NodeUnreachable(f"{said}: its error is none of JSON-RPC")


def _refusal(method: str, error: dict[str, Any]) -> ChainError:
    message, data = str(error["message"]), error.get("data")
    if isinstance(data, dict):  # some nodes wrap it
        data = data.get("data")
    if method == "eth_estimateGas" and "gas required exceeds" in message.lower():
        return Reverted("TransactionTooLarge", {"answer": message})
    if "revert" in message.lower() or error.get("code") == 3:
        return decode_revert(data if isinstance(data, str) else "0x")
    return classify(method, error["code"], message)
