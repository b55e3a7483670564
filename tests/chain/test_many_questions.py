"""Many questions in one request: what a node means that refuses them all by one error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from app.chain.errors import NodeBehind, NodeBusy, NodeUnreachable, NotKnownThere
from app.chain.rpc.client import ChainClient
from tests.support.scripted_node import Raw, Rule, Said, ScriptedNode, scripted_node

NOWHERE = "http://127.0.0.1:9"  # nothing is passed on
GENESIS = b"\x01" * 32
TOO_LARGE = {"code": -32600, "message": "batch too large"}  # geth's
TOO_MANY = {"code": -32005, "message": "Number of requests in batch exceeds max batch size"}  # Besu
BUSY = {"code": -32005, "message": "Too many requests"}
STRANGE = {"code": -32050, "message": "the moon is in the wrong house"}
UNREADABLE = {"code": -32700, "message": "Parse error"}


def block(_: ScriptedNode, method: str, asked: list[Any]) -> Said:
    if method == "eth_chainId":
        return {"result": "0x7"}
    number = int(asked[0], 16)
    hashes = [f"0x{number + one:064x}" for one in (1, 0)] if number else ["0x" + "01" * 32] * 2
    said = {"number": hex(number), "hash": hashes[0], "parentHash": hashes[1], "timestamp": "0x1"}
    return {"result": said}


@pytest.fixture
def double() -> Iterator[ScriptedNode]:
    with scripted_node(NOWHERE) as made:
        made.when("", block)
        yield made


@pytest.fixture
def client(double: ScriptedNode) -> Iterator[ChainClient]:
    made = ChainClient([double.url], chain_id=7, genesis_hash=GENESIS)
    yield made
    made.close()


def numbers(client: ChainClient) -> list[int]:
    return [one.number for one in client.blocks(1, 40)]


@pytest.mark.parametrize(
    ("refusal", "takes", "requests"),
    [
        ({"code": -32600, "message": "Batch not supported"}, 1, [40] + [1] * 40),
        (UNREADABLE, 1, [40] + [1] * 40),
        (TOO_LARGE, 10, [40, 20, 10, 10, 10, 10]),
        (TOO_MANY, 25, [40, 20, 20]),
    ],
)
def test_who_takes_fewer_is_asked_fewer_from_then_on(
    double: ScriptedNode,
    client: ChainClient,
    refusal: dict[str, Any],
    takes: int,
    requests: list[int],
) -> None:
    double.refusal, double.together = refusal, takes
    assert numbers(client) == [*range(1, 41)]
    assert double.requests[2:] == requests, "after the two that say who it is"
    double.requests.clear()
    assert numbers(client) == [*range(1, 41)]
    refused = [asked for asked in requests if asked > takes]
    assert double.requests == requests[len(refused) :]


def test_a_busy_node_is_asked_as_many_again_later(
    double: ScriptedNode, client: ChainClient
) -> None:
    double.refusal, double.together = BUSY, 1
    with pytest.raises(NodeBusy):
        client.blocks(1, 40)
    double.together = 1000
    double.requests.clear()
    assert numbers(client) == [*range(1, 41)]
    assert double.requests == [1, 1, 40], "after it said anew who it is"


def test_words_that_nobody_knows_are_no_answer_to_any_of_them(
    double: ScriptedNode, client: ChainClient
) -> None:
    """One by one this time, and together again the next."""
    double.refusal, double.together = STRANGE, 1
    for _ in range(2):
        double.requests.clear()
        assert numbers(client) == [*range(1, 41)]
        assert double.requests[-41:] == [40] + [1] * 40


def test_a_method_that_it_lacks_is_lacking(double: ScriptedNode, client: ChainClient) -> None:
    lacking = {"code": -32601, "message": "the method eth_call does not exist/is not available"}
    double.refusal, double.together = lacking, 1
    double.rules.insert(0, Rule("eth_call", lambda *_: {"error": lacking}, None))
    with pytest.raises(NotKnownThere):
        client.read_at(GENESIS, [("0x" + "11" * 20, b"")] * 2)


@pytest.mark.parametrize(
    "said", [b'[{"id": [], "result": 1}]', b'{"result": 1}', b'{"error": "bad gateway"}']
)
def test_what_answers_none_of_them_is_no_answer(
    double: ScriptedNode, client: ChainClient, said: bytes
) -> None:
    assert numbers(client) == [*range(1, 41)]
    double.rules.insert(0, Rule("eth_getBlockByNumber", lambda *_: Raw(200, said), None))
    with pytest.raises(NodeUnreachable):
        client.blocks(1, 2)


def test_another_node_is_asked_for_a_block_that_the_first_lacks(double: ScriptedNode) -> None:
    with scripted_node(NOWHERE) as short:
        urls = [short.url, double.url]
        client = ChainClient(urls, chain_id=7, genesis_hash=GENESIS)
        short.when("", lambda node, method, asked: (
            {"result": None} if "0x2" in asked else block(node, method, asked)
        ))  # fmt: skip
        assert numbers(client) == [*range(1, 41)]
        assert double.requests
        with pytest.raises(NodeBehind, match="1 to 40"):
            ChainClient(urls[:1], chain_id=7, genesis_hash=GENESIS).blocks(1, 40)
