"""Nodes that are busy, broken, gone, or somebody else's: another one is asked, or nothing is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from requests.exceptions import HTTPError
from web3.exceptions import ExtraDataLengthError

from app.chain.deploying.first_deployment import connect
from app.chain.errors import ChainError, NodeBehind, NodeBusy, NodeUnreachable, WrongChain
from app.chain.rpc.client import ChainClient
from app.chain.rpc.nodes import CHECKED_EVERY
from app.config import Settings
from app.rpc_tokens import tokens_of
from tests.support.anvil import Node, running_anvil
from tests.support.scripted_node import (
    Act,
    ScriptedNode,
    altered,
    answer,
    hang_up,
    http,
    lose_the_answer,
    refuse,
    scripted_node,
)
from tests.support.sealed_header import SEALED, hash_of
from tests.unit.test_config import PRODUCTION


@pytest.fixture(scope="module")
def anvil(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with running_anvil(tmp_path_factory.mktemp("node")) as node:
        yield node


@pytest.fixture
def first(anvil: Node) -> Iterator[ScriptedNode]:
    with scripted_node(anvil.url) as node:
        yield node


@pytest.fixture
def second(anvil: Node) -> Iterator[ScriptedNode]:
    with scripted_node(anvil.url) as node:
        yield node


def client_of(anvil: Node, *nodes: ScriptedNode, **options: Any) -> ChainClient:
    genesis = bytes.fromhex(anvil.rpc("eth_getBlockByNumber", "0x0", False)["hash"][2:])
    urls = [node.url for node in nodes]
    return ChainClient(urls, chain_id=anvil.chain_id, genesis_hash=genesis, **options)


BROKEN: dict[str, Act] = {
    "too many requests": http(429),
    "not available": http(503),
    "an error page": http(500, b"<html>sorry</html>"),
    "half an answer": http(200, b'{"jsonrpc": "2.0", "res'),
    "another language": http(200, b'["pong"]'),
    "no end of brackets": http(200, b"[" * 100_000),
    "a proxy's error": http(502, b'{"error": "bad gateway"}'),
    "an error without a code": http(200, b'{"error": {"code": null, "message": "no"}}'),
    "an error with a word as code": http(200, b'{"error": {"code": "E_X", "message": "no"}}'),
    "an error that says nothing": http(200, b'{"error": {"code": -32000, "message": null}}'),
    "no block": answer({"number": "0x1"}),
    "a number that no row holds": altered(lambda block: {**block, "number": hex(2**63)}),
    "a time that no clock shows": altered(lambda block: {**block, "timestamp": hex(2**62)}),
    "nonsense": answer("forty-two"),
    "silence": hang_up,
    "an answer that is lost": lose_the_answer,
}
INTERNAL = b'{"jsonrpc": "2.0", "id": 1, "error": {"code": -32603, "message": "Internal error"}}'
BUSY: dict[str, tuple[Act, type[ChainError]]] = {
    "an error of its own": (refuse(-32603, "Internal error"), NodeBusy),
    "the same as a web server says it": (http(500, INTERNAL), NodeBusy),
    "syncing": (refuse(-32008, "Initial sync is still in progress"), NodeBusy),
    "without its state": (refuse(-32000, "missing trie node 1b5a (path )"), NodeBehind),
}


@pytest.mark.parametrize(
    "act", [*BROKEN.values(), *(act for act, _ in BUSY.values())], ids=[*BROKEN, *BUSY]
)
def test_another_node_answers_instead(
    anvil: Node, first: ScriptedNode, second: ScriptedNode, act: Act
) -> None:
    first.when("eth_getBlockByNumber", act)
    client = client_of(anvil, first, second)
    assert client.head().hash == client_of(anvil, second).head().hash
    before = len(first.asked)
    client.head()
    assert len(first.asked) == before, "the broken one is left alone for a while"


@pytest.mark.parametrize("act", BROKEN.values(), ids=BROKEN.keys())
def test_alone_it_is_unreachable_and_named(anvil: Node, first: ScriptedNode, act: Act) -> None:
    client = client_of(anvil, first)
    client.head()
    first.when("eth_getBlockByNumber", act)
    with pytest.raises(NodeUnreachable, match=r"127\.0\.0\.1:\d+, eth_getBlockByNumber"):
        client.head()
    first.calm()
    assert client.head().number == 0


@pytest.mark.parametrize(("act", "kind"), BUSY.values(), ids=BUSY.keys())
def test_alone_a_busy_one_says_why_and_is_asked_again_at_once(
    anvil: Node, first: ScriptedNode, act: Act, kind: type[ChainError]
) -> None:
    client = client_of(anvil, first, monotonic=lambda: 0.0)
    first.when("eth_getBlockByNumber", act)
    for _ in range(9):
        with pytest.raises(kind):
            client.head()
    first.calm()
    assert client.head().number == 0


def test_what_is_no_receipt_is_no_answer(anvil: Node, first: ScriptedNode) -> None:
    first.when("eth_getTransactionReceipt", answer("0x1"))
    with pytest.raises(NodeUnreachable, match="can't be read"):
        client_of(anvil, first).receipt(bytes(32))


def test_no_answer_in_time(anvil: Node, first: ScriptedNode, second: ScriptedNode) -> None:
    """The first takes the connection and never says anything. The other has the same time, so
    there is enough of it for a busy machine."""
    first.when("", lambda node, *_: node.silent())
    try:
        assert client_of(anvil, first, second, timeout=5).head().number == 0
    finally:
        first.done.set()


def test_within_one_question_nobody_else_is_asked(
    anvil: Node, first: ScriptedNode, second: ScriptedNode
) -> None:
    client = client_of(anvil, first, second)
    with client.one_node():
        client.head()
        first.when("", hang_up)
        with pytest.raises(NodeUnreachable):
            client.head()
    assert not second.asked
    client.head()
    assert second.asked


@pytest.mark.parametrize(
    ("method", "act"),
    [
        ("eth_chainId", answer("0x1")),
        ("eth_getBlockByNumber", altered(lambda block: {**block, "hash": "0x" + "ab" * 32})),
    ],
    ids=["chain id", "genesis"],
)
def test_another_chain_is_noticed_within_a_minute_and_after_each_failure(
    anvil: Node, first: ScriptedNode, method: str, act: Act
) -> None:
    at = [0.0]
    genesis = bytes.fromhex(anvil.rpc("eth_getBlockByNumber", "0x0", False)["hash"][2:])
    client = ChainClient(
        [first.url], chain_id=anvil.chain_id, genesis_hash=genesis, monotonic=lambda: at[0]
    )
    address = "0x" + "1" * 40
    client.nonce(address)
    first.when(method, act)
    client.nonce(address)
    at[0] = CHECKED_EVERY
    with pytest.raises(WrongChain):
        client.nonce(address)
    first.calm()
    client.nonce(address)
    first.when("eth_getTransactionCount", hang_up, times=1)
    first.when(method, act)
    with pytest.raises(NodeUnreachable):
        client.nonce(address)
    with pytest.raises(WrongChain):
        client.nonce(address)


def test_the_sealed_header_is_a_real_one() -> None:
    assert hash_of(SEALED) == SEALED["hash"]
    assert hash_of({**SEALED, "number": "0x11bf4"}) != SEALED["hash"]


def test_validators_seals_in_a_header_are_no_fault(anvil: Node, first: ScriptedNode) -> None:
    """QBFT and Clique put more than 32 bytes into it: web3 wants to be told, we read past it."""
    client = client_of(anvil, first)
    client.head()
    first.when("eth_getBlockByNumber", answer(SEALED))
    head = client.head()
    assert (head.number, head.hash.hex()) == (72_691, SEALED["hash"][2:])
    long = settings_of(first, CHAIN_LONG_EXTRA_DATA="1")
    read: dict[str, Any] = dict(connect(long, first.url).eth.get_block("latest"))
    assert read["proofOfAuthorityData"].to_0x_hex() == SEALED["extraData"]
    with pytest.raises(ExtraDataLengthError):
        connect(settings_of(first, CHAIN_LONG_EXTRA_DATA="0"), first.url).eth.get_block("latest")


def test_a_deployment_shows_the_nodes_token(anvil: Node, first: ScriptedNode) -> None:
    first.token = "for-the-first"
    shown = settings_of(first, CHAIN_RPC_TOKENS="for-the-first")
    assert connect(shown, first.url).eth.chain_id == anvil.chain_id
    with pytest.raises(HTTPError, match="401"):
        _ = connect(settings_of(first), first.url).eth.chain_id


def settings_of(node: ScriptedNode, **given: str) -> Settings:
    """As in production, with this node."""
    return Settings.from_env({**PRODUCTION, "CHAIN_RPC_URLS": node.url, **given})


def test_each_node_is_shown_its_own_token(
    anvil: Node, first: ScriptedNode, second: ScriptedNode
) -> None:
    first.token, second.token = "for-the-first", "for-the-second"
    given = tokens_of([first.url, second.url], [first.token, second.token], [])
    client = client_of(anvil, first, second, tokens=given)
    assert client.head().number == 0
    first.when("", hang_up, times=1)
    assert client.head().number == 0
    assert first.count("eth_getBlockByNumber")
    assert second.count("eth_getBlockByNumber")


def test_a_node_that_refuses_our_token_is_left_and_named_without_it(
    anvil: Node, first: ScriptedNode, second: ScriptedNode, tmp_path: Path
) -> None:
    first.token = "renewed"
    given = tokens_of([first.url, second.url], ["secret-of-old", "-"], [])
    client = client_of(anvil, first, second, tokens=given)
    assert client.head().number == 0
    assert second.asked
    assert not first.asked
    alone = client_of(anvil, first, tokens=given)
    with pytest.raises(NodeUnreachable, match="refuses our token") as caught:
        alone.head()
    assert "secret" not in str(caught.value)
    missing = tokens_of([first.url], [], [str(tmp_path / "none")])
    with pytest.raises(NodeUnreachable, match="can't be read"):
        client_of(anvil, first, tokens=missing).head()
