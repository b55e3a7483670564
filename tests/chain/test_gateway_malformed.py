"""The public gateway answers nonsense as nonsense, never with a failure of its own."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from flask import Flask, request

from app.chain.contracts.abi import entry_of, topic_of
from app.chain.contracts.artifacts import load_artifact
from app.embedded.ports import LOOPBACK, free_port
from app.reporting.audit.node import Node
from app.reporting.gateway import MAX_BATCH, create_gateway
from app.rpc_tokens import tokens_of
from app.services import Services
from tests.support.public_side import PublicSide
from tests.support.scripted_node import scripted_node
from tests.support.serving import served

HTTP = httpx.Client(timeout=30, trust_env=False)  # one: each makes a TLS context
MALFORMED = [
    b"", b"{", b"null", b"1", b'"eth_chainId"', b"[]", b"[1]", b"[[]]", b"\xff\xfe", b"{}",
    b'{"method":1}', b'{"method":"eth_call"}', b'{"method":"eth_call","params":{}}',
    b'{"method":"eth_call","params":[null]}', b'{"method":"eth_call","params":[{"to":1}]}',
    b'{"method":"eth_getLogs","params":[{"address":[],"topics":[]}]}',
    b'{"method":"eth_getLogs","params":[{"address":[[]]}]}', b'{"id":NaN,"method":"x"}',
    b'{"method":"eth_getBlockByNumber","params":[[]]}', b'{"method":"\\ud800"}',
    b'{"method":"eth_getBlockByNumber","params":["\\ud800"]}',
    b'{"method":"eth_getBlockByNumber","params":["latest\\u0000"]}',
    b'{"method":"eth_getTransactionReceipt","params":["0x"]}',
    b'{"method":"eth_getBlockByNumber","params":[{"blockHash":' + b"[" * 900 + b"]" * 900 + b"}]}",
    b'{"id":' + b"9" * 6000 + b',"method":"eth_chainId"}', b"[" * 60_000,
    b'{"id":{"a":[1]},"method":"eth_chainId"}',
]  # fmt: skip


@pytest.mark.parametrize("body", MALFORMED, ids=range(len(MALFORMED)))
def test_a_malformed_request_is_answered_as_such(side: PublicSide, body: bytes) -> None:
    answer = HTTP.post(side.gateway, content=body)
    assert answer.status_code == 200
    said = answer.json()
    assert "error" in (said[0] if isinstance(said, list) else said) or said["id"] is None


def test_too_much_at_once_is_refused(side: PublicSide) -> None:
    one = {"jsonrpc": "2.0", "id": 7, "method": "eth_chainId"}
    many = HTTP.post(side.gateway, json=[one] * MAX_BATCH).json()
    assert {answer["result"] for answer in many} == {hex(side.world.node.chain_id)}
    refused = HTTP.post(side.gateway, json=[one] * (MAX_BATCH + 1)).json()
    assert "at a time" in refused["error"]["message"]
    assert HTTP.post(side.gateway, content=b" " * 70_000).status_code == 413
    assert HTTP.get(side.gateway).status_code == 405


@pytest.mark.usefixtures("side")
def test_without_the_node_it_says_so(services: Services) -> None:
    nobody = f"http://{LOOPBACK}:{free_port()}"
    gateway = create_gateway((nobody,), services.settings.deployment_file)
    answer = gateway.test_client().post("/", json={"id": 1, "method": "eth_chainId"})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (200, -32603)
    assert gateway.test_client().get("/livez").get_json() == {"status": "ok"}  # it runs, though


def test_a_node_that_wants_a_token_gets_its_own_and_one_that_refuses_it_is_passed_over(
    side: PublicSide, services: Services
) -> None:
    behind = side.world.node.url
    with scripted_node(behind) as first, scripted_node(behind) as second:
        first.token, second.token = "renewed", "good-one"
        urls = (first.url, second.url)
        given = tokens_of(urls, ["old-one", "good-one"], [])
        gateway = create_gateway(urls, services.settings.deployment_file, tokens=given)
        answer = gateway.test_client().post("/", json={"id": 1, "method": "eth_chainId"})
        assert answer.get_json()["result"] == hex(side.world.node.chain_id)
        second.token = "renewed"
        answer = gateway.test_client().post("/", json={"id": 1, "method": "eth_chainId"})
        assert answer.get_json()["error"]["code"] == -32603
        assert "-one" not in answer.get_data(as_text=True)


def test_a_node_that_takes_small_ranges_only_is_read_in_small_ranges(side: PublicSide) -> None:
    side.world.mine(30)
    asked: list[int] = []
    app = Flask("narrow")

    @app.post("/")
    def ask() -> Any:
        body = request.get_json()
        if body["method"] == "eth_getLogs":
            query = body["params"][0]
            width = int(query["toBlock"], 16) - int(query["fromBlock"], 16) + 1
            asked.append(width)
            if width > 10:
                return {"id": 1, "error": {"code": -32005, "message": "too many blocks"}}
        return HTTP.post(side.gateway, json=body).json()

    registry = side.world.edge.addresses["ActionRegistry"]
    topic = topic_of(entry_of(load_artifact("ActionRegistry").abi, "event", "BatchCommitted"))
    with served(app) as url, Node(url) as node:
        head = node.head()
        assert node.logs(registry, [topic], 0, head) == []
    taken = [width for width in asked if width <= 10]
    assert sum(taken) == head + 1
    assert max(asked) > 10
