"""Whatever is asked of the public gateway, no account's address comes out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
import rlp  # type: ignore[import-untyped]

from app.chain.contracts.abi import call_data, selector_of, topic_of, type_of
from app.chain.contracts.artifacts import SINGLE, load_artifact
from app.chain.typed import keccak
from app.reporting.audit.node import Node as AuditedNode
from app.reporting.audit.node import RefusedError
from app.reporting.gateway_policy import EVENTS, FUNCTIONS
from app.rewards.models import Programme
from tests.support.accounts_on_chain import Accounts, act
from tests.support.anvil import Node
from tests.support.public_side import PublicSide

METHODS = (Path(__file__).parent / "rpc_methods.txt").read_text("ascii").split()
PUBLIC_METHODS = {
    "eth_chainId", "eth_blockNumber", "net_version", "eth_getBlockByNumber", "eth_getBlockByHash",
    "eth_call", "eth_getLogs", "eth_getProof", "eth_getTransactionReceipt", "eth_getCode",
}  # fmt: skip
HEADER = (
    "parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot",
    "logsBloom", "difficulty", "number", "gasLimit", "gasUsed", "timestamp", "extraData",
    "mixHash", "nonce", "baseFeePerGas", "withdrawalsRoot", "blobGasUsed", "excessBlobGas",
    "parentBeaconBlockRoot",
)  # fmt: skip
NUMBERS = {"difficulty", "number", "gasLimit", "gasUsed", "timestamp", "baseFeePerGas"}
NUMBERS |= {"blobGasUsed", "excessBlobGas"}
HTTP = httpx.Client(timeout=30, trust_env=False)  # one: a client each would cost 30 ms a question


@pytest.fixture(scope="module")
def accounts(side: PublicSide, programme: Programme) -> Accounts:
    return act(side, programme)


def ask(url: str, method: str, *params: Any) -> dict[str, Any]:
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
    answer = HTTP.post(url, json=body)
    assert answer.status_code == 200
    return dict(answer.json())


def named_in(answer: object, accounts: Accounts) -> list[str]:
    said = json.dumps(answer).lower()
    return [address for address in accounts.all if address[2:].lower() in said]


def blocks(side: PublicSide) -> list[dict[str, Any]]:
    rpc = side.world.node.rpc
    return [
        rpc("eth_getBlockByNumber", hex(n), True) for n in range(int(rpc("eth_blockNumber"), 16))
    ]


def test_the_list_of_methods_is_the_node_s(anvil: Node) -> None:
    assert len(METHODS) > 150
    assert set(METHODS) >= PUBLIC_METHODS
    unknown = [
        method
        for method in METHODS
        if ask(anvil.url, method).get("error", {}).get("message") == "Method not found"
    ]
    assert unknown == []


def parameters(side: PublicSide, programme: Programme, accounts: Accounts) -> list[list[Any]]:
    """What a curious person tries, for any method."""
    minted = next(block for block in reversed(blocks(side)) if block["transactions"])
    transaction, number = minted["transactions"][0]["hash"], minted["number"]
    token = str(programme.token_address)
    registry = side.world.edge.addresses["ActionRegistry"]
    everything = {"fromBlock": "0x0", "toBlock": "latest"}
    call = {
        "from": accounts.payer,
        "to": token,
        "data": "0x70a08231" + accounts.payer[2:].zfill(64),
    }
    return [
        [],
        [number, True],
        [minted["hash"], True],
        [minted["hash"], "0x0"],
        [number, "0x0"],
        [transaction],
        [everything],
        [{**everything, "address": token}],
        [call, "latest"],
        [token, ["0x0"], "latest"],
        [registry, [], "latest"],
        [registry, "latest"],
        [{"to": registry, "data": selector_of(entry("batchCount", "ActionRegistry"))}],
        [{"fromBlock": "0x0", "fromAddress": [side.world.signer.address_of("settler")]}],
    ]


def test_no_method_gives_an_account(
    side: PublicSide, programme: Programme, accounts: Accounts
) -> None:
    tried = parameters(side, programme, accounts)
    answered: set[str] = set()
    for method in METHODS:
        asked = [{"id": n, "method": method, "params": p} for n, p in enumerate(tried)]
        given = HTTP.post(side.gateway, json=asked).json()
        assert named_in(given, accounts) == [], method
        if any("result" in answer for answer in given):
            answered.add(method)
    assert answered <= PUBLIC_METHODS
    assert answered >= PUBLIC_METHODS - {"eth_getLogs"}, "the public questions are answered"
    direct = ask(side.world.node.url, "eth_getBlockByNumber", tried[1][0], True)
    assert named_in(ask(side.world.node.url, "eth_getLogs", tried[6][0]), accounts), direct


def argument(kind: str, accounts: Accounts, programme: Programme) -> Any:
    """A value of an ABI type that finds something where there is something to find."""
    if kind.endswith("[]"):
        return [argument(kind[:-2], accounts, programme)]
    if kind.endswith("[6]"):
        return [0] * 6
    if kind.startswith("("):
        depth, parts = 0, [""]
        for letter in kind[1:-1]:
            depth += (letter in "([") - (letter in ")]")
            if letter == "," and depth == 0:
                parts.append("")
            else:
                parts[-1] += letter
        return tuple(argument(part, accounts, programme) for part in parts)
    values = {
        "address": accounts.payer,
        "bytes32": programme.chain_id,
        "bytes4": bytes(4),
        "bytes": b"",
        "bool": True,
        "string": "JET",
    }
    return values.get(kind, 0)


def test_no_function_of_any_contract_gives_an_account(
    side: PublicSide, programme: Programme, accounts: Accounts
) -> None:
    places = {**side.world.edge.addresses, "ImpactToken": str(programme.token_address)}
    assert set(places) == {*SINGLE, "ImpactToken"}
    answered: dict[str, set[str]] = {}
    for name, place in places.items():
        for entry in load_artifact(name).abi:
            if entry["type"] != "function":
                continue
            arguments = [argument(type_of(p), accounts, programme) for p in entry["inputs"]]
            call = {"to": place, "data": call_data(entry, arguments)}
            answer = ask(side.gateway, "eth_call", call, "latest")
            assert named_in(answer, accounts) == [], (name, entry["name"])
            if answer.get("error", {}).get("code") != -32601:
                answered.setdefault(name, set()).add(entry["name"])
    assert answered == {name: set(functions) for name, functions in FUNCTIONS.items()}


def test_no_log_that_names_an_account_comes_out(
    side: PublicSide, programme: Programme, accounts: Accounts
) -> None:
    places = {**side.world.edge.addresses, "ImpactToken": str(programme.token_address)}
    registry = places["ActionRegistry"]
    cells = topic_of(entry(registry_event := "CellPublished", "ActionRegistry"))
    assert registry_event in EVENTS["ActionRegistry"]
    heard: dict[str, set[str]] = {}
    for name, place in places.items():
        for found in load_artifact(name).abi:
            if found["type"] != "event":
                continue
            query = {"fromBlock": "0x0", "address": place, "topics": [topic_of(found)]}
            answer = ask(side.gateway, "eth_getLogs", query)
            assert named_in(answer, accounts) == [], (name, found["name"])
            if "result" in answer:
                heard.setdefault(name, set()).add(found["name"])
            mixed = {**query, "topics": [[cells, topic_of(found)]]}
            both = {**mixed, "address": [registry, place]}
            for sly in (mixed, both):
                assert named_in(ask(side.gateway, "eth_getLogs", sly), accounts) == []
    assert heard == {name: set(events) for name, events in EVENTS.items()}
    token = places["ImpactToken"]
    topics: Any
    for topics in (None, [], [None], [[]], [[None]], [None, cells], [[cells], None], "x", {}):
        answer = ask(side.gateway, "eth_getLogs", {"address": token, "topics": topics})
        assert "error" in answer, topics


def entry(name: str, contract: str) -> dict[str, Any]:
    return next(e for e in load_artifact(contract).abi if e.get("name") == name)


def test_of_all_receipts_only_publications_come_out(side: PublicSide, accounts: Accounts) -> None:
    shown, hidden = 0, 0
    for block in blocks(side):
        for transaction in block["transactions"]:
            answer = ask(side.gateway, "eth_getTransactionReceipt", transaction["hash"])
            assert named_in(answer, accounts) == []
            shown, hidden = shown + bool(answer["result"]), hidden + (answer["result"] is None)
    assert (shown, hidden > 10) == (1, True)


def test_a_header_is_whole_only_where_nothing_can_be_tested(
    side: PublicSide, accounts: Accounts
) -> None:
    whole = 0
    for block in blocks(side):
        header = ask(side.gateway, "eth_getBlockByNumber", block["number"], True)["result"]
        assert "transactions" not in header
        logged = set(block["logsBloom"]) != set("0x")
        shown = {"logsBloom", "receiptsRoot", "transactionsRoot"} & header.keys()
        assert len(shown) == (0 if logged else 3)
        if not logged:
            assert hash_of(header) == block["hash"], "a proof can be tied to it"
            whole += 1
    assert 0 < whole < len(blocks(side))
    assert named_in(blocks(side), accounts), "the node itself does show them"


def hash_of(header: dict[str, Any]) -> str:
    values = [
        int(header[name], 16) if name in NUMBERS else bytes.fromhex(header[name][2:])
        for name in HEADER
    ]
    return "0x" + keccak(rlp.encode(values)).hex()


def test_a_refusal_reaches_the_audit_in_words(side: PublicSide) -> None:
    refused = r"refused eth_accounts: .* is not public \(code -32601\)$"
    with AuditedNode(side.gateway) as node, pytest.raises(RefusedError, match=refused):
        node.ask("eth_accounts")
