"""What the public may ask the chain: a list of what is allowed, never of what is forbidden.

No answer that passes here holds an account's address: mints, payments and pay-outs name accounts,
so transactions, their receipts and the logs that carry them stay with members and mandated
auditors. What an answer may hold is decided by contract, function selector and event topic.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from eth_utils.address import is_hex_address, to_checksum_address
from eth_utils.hexadecimal import is_hexstr

from app.chain.contracts.abi import selector_of, topic_of

Json = Any

#: Functions of each contract whose answers name no account.
FUNCTIONS: Mapping[str, tuple[str, ...]] = {
    "Programmes": ("programme", "programmeCount", "programmeIdAt", "bankTransfer", "MAX_OPEN"),
    "ActionRegistry": (
        "batchCount", "batchRoot", "totals", "runningHash", "dailyCeiling", "isCancelled",
        "predecessor", "successor", "standingOf",
    ),
    "Attesters": ("eip712Domain", "hashAttestation", "hashImportStatement", "hashKeyCertificate"),
    "PaymentDesk": ("eip712Domain",),
    "Recovery": ("eip712Domain",),
    "Anchor": ("rootOf",),
    "ImpactToken": ("totalSupply", "decimals", "name", "symbol", "programmeId", "expired"),
}  # fmt: skip
#: Events of each contract that name no account (treasurers, officers and organisations are public).
EVENTS: Mapping[str, tuple[str, ...]] = {
    "Programmes": (
        "ProgrammeCreated", "RuleSetChanged", "FundingProposed", "FundingConfirmed",
        "ProposalWithdrawn", "ReturnProposed", "ReturnConfirmed", "ProgrammeClosed",
    ),
    "ActionRegistry": (
        "BatchCommitted", "BatchCancelled", "CellPublished", "CellsPublished",
        "DailyCeilingChanged", "HandedOver", "TookOver",
    ),
    "Attesters": ("KeyRegistered", "KeyRevoked"),
    "Anchor": ("RootCommitted",),
}  # fmt: skip
RECEIPT_EVENTS = ("CellPublished", "CellsPublished")
PLAIN_METHODS = ("eth_chainId", "eth_blockNumber", "net_version")
HEADER_DROPS = ("transactions", "withdrawals", "uncles", "size")
HEADER_TESTS = ("logsBloom", "receiptsRoot", "transactionsRoot")
EMPTY_BLOOM = "0x" + "00" * 256
MAX_TOPIC_CHOICES = 16
HASH_LENGTH = 66  # as 0x hex


class NotPublicError(Exception):
    """The question is not on the public list; the text says which part of it."""


class TooWideError(Exception):
    """More blocks than one search may span; the text says how many are."""


@dataclass(frozen=True)
class Contracts:
    """Selectors and topics allowed at each checksummed address."""

    selectors: Mapping[str, frozenset[str]]
    topics: Mapping[str, frozenset[str]]
    registries: frozenset[str]
    receipt_topics: frozenset[str]


def contracts_of(addresses: Mapping[str, list[str]], abis: Mapping[str, list[Any]]) -> Contracts:
    """The public list for the contracts at `addresses` (by name; a token per programme)."""
    selectors: dict[str, frozenset[str]] = {}
    topics: dict[str, frozenset[str]] = {}
    for name, places in addresses.items():
        allowed = frozenset(
            selector_of(entry)
            for entry in abis[name]
            if entry["type"] == "function" and entry["name"] in FUNCTIONS.get(name, ())
        )
        heard = frozenset(_topics(abis[name], EVENTS.get(name, ())))
        for place in places:
            selectors[to_checksum_address(place)] = allowed
            topics[to_checksum_address(place)] = heard
    registries = frozenset(map(to_checksum_address, addresses["ActionRegistry"]))
    receipt = frozenset(_topics(abis["ActionRegistry"], RECEIPT_EVENTS))
    return Contracts(selectors, topics, registries, receipt)


def _topics(abi: list[Any], names: tuple[str, ...]) -> list[str]:
    return [topic_of(e) for e in abi if e["type"] == "event" and e["name"] in names]


def allowed_request(contracts: Contracts, method: str, params: list[Json]) -> list[Json]:
    """The parameters to send on. Raises NotPublicError."""
    if method in PLAIN_METHODS:
        return []
    check = _CHECKS.get(method)
    if check is None:
        raise NotPublicError(f"the method {method} is not public")
    return check(contracts, params)


def check_range(query: Mapping[str, Json], head: int, most: int) -> None:
    """Raises TooWideError, or NotPublicError for what is no block."""
    if "blockHash" in query:
        return
    first, last = (_number(query.get(name), head) for name in ("fromBlock", "toBlock"))
    if last - first >= most:
        raise TooWideError(f"eth_getLogs spans at most {most} blocks: name fromBlock and toBlock")


def _number(block: Json, head: int) -> int:
    """Tags of the newest blocks are the head, or a little before."""
    if block in (None, "latest", "safe", "finalized", "pending"):
        return head
    if block == "earliest":
        return 0
    try:
        return min(int(block, 16), head) if block.startswith("0x") else _no_block()
    except (AttributeError, TypeError, ValueError):
        return _no_block()


def _no_block() -> NoReturn:
    raise NotPublicError("fromBlock and toBlock must be numbers or tags")


def public_answer(contracts: Contracts, method: str, result: Json) -> Json:
    """The answer without what is not public; None for a receipt that names accounts."""
    if method in ("eth_getBlockByNumber", "eth_getBlockByHash") and isinstance(result, dict):
        return _header_shown(result)
    if method == "eth_getTransactionReceipt" and isinstance(result, dict):
        return result if _is_publication(contracts, result) else None
    return result


def _header_shown(block: dict[str, Json]) -> dict[str, Json]:
    """Whole, as it was hashed, where its bloom is empty; else without what tests for an account.

    Whoever knows an account's address could look for it in a bloom, block by block; or make the
    one receipt of a block with a single transaction, and compare its root.
    """
    tests = () if block.get("logsBloom") == EMPTY_BLOOM else HEADER_TESTS
    return {key: value for key, value in block.items() if key not in (*HEADER_DROPS, *tests)}


def _is_publication(contracts: Contracts, receipt: dict[str, Json]) -> bool:
    logs = receipt.get("logs") or []
    return bool(logs) and all(
        to_checksum_address(log["address"]) in contracts.registries
        and (log["topics"] or [""])[0] in contracts.receipt_topics
        for log in logs
    )


def _known(places: Mapping[str, frozenset[str]], value: Json) -> str:
    if not isinstance(value, str) or not is_hex_address(value):
        raise NotPublicError("an address of one of the public contracts is needed")
    address = to_checksum_address(value)
    if address not in places:
        raise NotPublicError("the address is not one of the public contracts")
    return address


def _block(params: list[Json], position: int) -> Json:
    value = params[position] if len(params) > position else "latest"
    plain = isinstance(value, str) and len(value) <= 66
    by_hash = isinstance(value, dict) and set(value) <= {"blockHash", "blockNumber"}
    if not plain and not by_hash:
        raise NotPublicError("the block must be a number, a tag or a hash")
    return value


def _header(_contracts: Contracts, params: list[Json]) -> list[Json]:
    return [_block(params, 0), False]


def _call(contracts: Contracts, params: list[Json]) -> list[Json]:
    call = params[0] if params else None
    if not isinstance(call, dict):
        raise NotPublicError("a call with to and data is needed")
    address = _known(contracts.selectors, call.get("to"))
    data = call.get("data", call.get("input"))
    if not isinstance(data, str) or data[:10].lower() not in contracts.selectors[address]:
        raise NotPublicError(f"this function of {address} is not public")
    return [{"to": address, "data": data}, _block(params, 1)]


def _logs(contracts: Contracts, params: list[Json]) -> list[Json]:
    query = params[0] if params else None
    if not isinstance(query, dict):
        raise NotPublicError("a filter with address and topics is needed")
    given = query.get("address")
    asked = [_known(contracts.topics, a) for a in (given if isinstance(given, list) else [given])]
    topics = query.get("topics")
    first = topics[0] if isinstance(topics, list) and topics else None
    wanted = first if isinstance(first, list) else [first]
    if not asked or not wanted or len(wanted) > MAX_TOPIC_CHOICES:
        raise NotPublicError("name the contracts, and the public events as first topic")
    for address in asked:
        if not all(isinstance(t, str) and t in contracts.topics[address] for t in wanted):
            raise NotPublicError(f"an event asked of {address} is not public")
    # A node takes null for absent: a block that is none would search the whole chain.
    places = ("fromBlock", "toBlock", "blockHash")
    rest = {k: query[k] for k in places if query.get(k) is not None}
    block = rest.get("blockHash")
    if block is not None and not (is_hexstr(block) and len(block) == HASH_LENGTH):
        raise NotPublicError("blockHash must be a block's hash: 0x and 64 hexadecimal digits")
    return [{"address": asked, "topics": topics, **rest}]


def _proof(contracts: Contracts, params: list[Json]) -> list[Json]:
    registry = _known(contracts.selectors, params[0]) if params else ""
    if registry not in contracts.registries:
        raise NotPublicError("proofs are of the registry's storage only")
    slots = params[1] if len(params) > 1 else []
    if not isinstance(slots, list) or len(slots) > MAX_TOPIC_CHOICES:
        raise NotPublicError("at most 16 storage slots at a time")
    return [registry, slots, _block(params, 2)]


def _receipt(_contracts: Contracts, params: list[Json]) -> list[Json]:
    if len(params) != 1 or not isinstance(params[0], str):
        raise NotPublicError("one transaction hash is needed")
    return [params[0]]


def _code(contracts: Contracts, params: list[Json]) -> list[Json]:
    return [_known(contracts.selectors, params[0] if params else None), _block(params, 1)]


_CHECKS = {
    "eth_getBlockByNumber": _header,
    "eth_getBlockByHash": _header,
    "eth_call": _call,
    "eth_getLogs": _logs,
    "eth_getProof": _proof,
    "eth_getTransactionReceipt": _receipt,
    "eth_getCode": _code,
}
