"""A node that fails on cue: an HTTP server in front of a real node, which it passes everything on
to, except where its script says otherwise. `tests/chain/test_scripted_node.py` holds that, without
a script, it answers as the node behind it does.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

Asked = tuple[str, list[Any]]
NO_BATCHES = {"code": -32600, "message": "Batch not supported"}


@dataclass(frozen=True)
class Raw:
    """An HTTP answer as it is; status 0: the connection ends without one."""

    status: int
    body: bytes = b""


Said = dict[str, Any] | Raw
Act = Callable[["ScriptedNode", str, list[Any]], Said]


@dataclass
class Rule:
    method: str
    act: Act
    times: int | None


@dataclass
class ScriptedNode:
    """`lag`: it stands so many blocks behind; `age`: all its blocks are so many seconds older;
    `fork`: from this block on its hashes are others; `together`: it takes so many questions in a
    request, and refuses more of them by `refusal`.
    `token`: refuses whoever shows another."""

    behind: str
    url: str = ""
    lag: int = 0
    age: int = 0
    fork: int | None = None
    token: str | None = None
    together: int = 1000
    refusal: dict[str, Any] = field(default_factory=lambda: NO_BATCHES)
    asked: list[Asked] = field(default_factory=list)
    requests: list[int] = field(default_factory=list)  # how many questions each had
    rules: list[Rule] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    done: threading.Event = field(default_factory=threading.Event)
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30, trust_env=False))

    def when(self, method: str, act: Act, *, times: int | None = None) -> None:
        """Do this instead, as often as said, the rules in their order; "" is every method."""
        self.rules.append(Rule(method, act, times))

    def calm(self) -> None:
        """From now on as the node behind."""
        self.rules.clear()
        self.lag, self.age, self.fork = 0, 0, None
        self.token, self.together = None, 1000

    def count(self, method: str) -> int:
        return sum(one == method for one, _ in self.asked)

    def silent(self) -> Raw:
        """No answer until the test is done."""
        self.done.wait(30)
        return Raw(0)

    def real(self, method: str, parameters: list[Any]) -> dict[str, Any]:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
        return dict(self.http.post(self.behind, json=body).json())

    def answer(self, request: Any) -> Raw:
        """Of one question, or of many, in another order than they were asked."""
        self.requests.append(1 if isinstance(request, dict) else len(request))
        if isinstance(request, dict):
            return self._answer([request], lambda answers: answers[0])
        if len(request) > self.together:
            return _json({"jsonrpc": "2.0", "id": None, "error": self.refusal})
        return self._answer(request, lambda answers: answers[::-1])

    def _answer(self, asked: list[Any], told: Callable[[list[Any]], Any]) -> Raw:
        """What ends the connection for one question ends it for all."""
        answers = []
        for one in asked:
            said = self.say(one["method"], one["params"])
            if isinstance(said, Raw):
                return said
            answers.append({**said, "jsonrpc": "2.0", "id": one["id"]})
        return _json(told(answers))

    def heard(self, shown: str | None, request: Any) -> Raw:
        """As Besu answers who shows it no token of its own."""
        if self.token is not None and shown != f"Bearer {self.token}":
            return Raw(401, b'{"error": {"code": -40100, "message": "Unauthorized"}}')
        return self.answer(request)

    def say(self, method: str, parameters: list[Any]) -> Said:
        with self.lock:
            self.asked.append((method, parameters))
            rule = next((r for r in self.rules if r.method in (method, "") and r.times != 0), None)
            if rule is not None and rule.times is not None:
                rule.times -= 1
        if rule is not None:
            return rule.act(self, method, parameters)
        return self._forked(self._aged(self._behind(method, parameters)))

    def _behind(self, method: str, parameters: list[Any]) -> dict[str, Any]:
        """As a node does that has not heard of the last blocks, and doesn't say so."""
        if not self.lag:
            return self.real(method, parameters)
        head = int(self.real("eth_blockNumber", [])["result"], 16) - self.lag
        given: list[Any] = [hex(head) if one == "latest" else one for one in parameters]
        if method == "eth_blockNumber":
            return {"result": hex(head)}
        if method == "eth_getLogs":
            return self._logs(dict(given[0]), head)
        answer = self.real(method, given)
        number = (answer.get("result") or {}) if method.startswith("eth_getT") else {}
        if method == "eth_getBlockByNumber" and int(given[0], 16) > head:
            return {"result": None}
        if isinstance(number, dict) and int(number.get("blockNumber") or "0x0", 16) > head:
            return {"result": None}
        return answer

    def _logs(self, wanted: dict[str, Any], head: int) -> dict[str, Any]:
        if "blockHash" in wanted:
            block = self.real("eth_getBlockByHash", [wanted["blockHash"], False]).get("result")
            if block is not None and int(block["number"], 16) > head:
                return {"error": {"code": -32000, "message": "unknown block"}}
            return self.real("eth_getLogs", [wanted])
        if int(wanted["fromBlock"], 16) > head:
            return {"result": []}
        last = min(int(wanted["toBlock"], 16), head)
        return self.real("eth_getLogs", [{**wanted, "toBlock": hex(last)}])

    def _aged(self, answer: dict[str, Any]) -> dict[str, Any]:
        block = answer.get("result")
        if not self.age or not isinstance(block, dict) or "timestamp" not in block:
            return answer
        return {"result": {**block, "timestamp": hex(int(block["timestamp"], 16) - self.age)}}

    def _forked(self, answer: dict[str, Any]) -> dict[str, Any]:
        block = answer.get("result")
        if self.fork is None or not isinstance(block, dict) or "parentHash" not in block:
            return answer
        changed = {key: _another(block[key]) for key in ("hash", "parentHash")}
        return {"result": {**block, **changed} if int(block["number"], 16) >= self.fork else block}


def _another(block_hash: str) -> str:
    """Never the same: a fixed first byte was the real one in a run of 256."""
    return f"0x{int(block_hash[2:4], 16) ^ 0xFF:02x}{block_hash[4:]}"


def _json(content: Any) -> Raw:
    return Raw(200, json.dumps(content).encode())


def refuse(code: int, message: str, data: str | None = None) -> Act:
    error = {"code": code, "message": message} | ({"data": data} if data else {})
    return lambda _node, _method, _parameters: {"error": error}


def answer(value: Any) -> Act:
    return lambda _node, _method, _parameters: {"result": value}


def http(status: int, body: bytes = b"") -> Act:
    return lambda _node, _method, _parameters: Raw(status, body)


def altered(change: Callable[[Any], Any]) -> Act:
    """What the node behind says, changed; its refusals as they are."""

    def act(node: ScriptedNode, method: str, parameters: list[Any]) -> Said:
        said = node.real(method, parameters)
        return {"result": change(said["result"])} if "result" in said else said

    return act


def hang_up(_node: ScriptedNode, _method: str, _parameters: list[Any]) -> Said:
    """The node never hears of it."""
    return Raw(0)


def lose_the_answer(node: ScriptedNode, method: str, parameters: list[Any]) -> Said:
    """The node does it, and whoever asked never hears of that."""
    node.real(method, parameters)
    return Raw(0)


@contextmanager
def scripted_node(behind: str, port: int = 0) -> Iterator[ScriptedNode]:
    """In front of the URL `behind`, at a free port or a given one."""
    node = ScriptedNode(behind)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            said = node.heard(self.headers.get("Authorization"), request)
            if said.status:
                self.send_response(said.status)
                self.send_header("Content-Length", str(len(said.body)))
                self.end_headers()
                self.wfile.write(said.body)

        def log_message(self, *_: object) -> None: ...  # tests are quiet

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    node.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
    ).start()
    try:
        yield node
    finally:
        server.shutdown()
        server.server_close()
        node.http.close()
