"""A node's texts become the right kind of error; an unknown text is never retried blindly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from eth_abi.abi import encode
from eth_abi.exceptions import EncodingError

from app.chain import errors
from app.chain.contracts.abi import type_of
from app.chain.contracts.artifacts import load_artifact, load_errors
from app.chain.contracts.calls import call_of
from app.chain.contracts.codec import decode_event, decode_revert, encode_call
from app.chain.contracts.failures import KIND_OF, RevertKind, kind_of, waits_until
from app.chain.errors import Reverted
from app.chain.rpc import refusals
from app.chain.rpc.refusals import classify
from app.chain.typed import keccak
from app.outbox.kinds import KINDS, decode_payload, encode_payload, split_members
from app.outbox.models import OutboxItem, OutboxState
from tests.support.node_texts import LOGS, RECEIPTS, SENDING


@pytest.mark.parametrize(("node", "code", "text", "kind"), SENDING)
def test_texts_of_refused_transactions(
    node: str, code: int, text: str, kind: type[Exception]
) -> None:
    assert type(classify("eth_sendRawTransaction", code, text)) is kind, node


@pytest.mark.parametrize(("node", "code", "text", "kind"), LOGS)
def test_texts_of_refused_logs(node: str, code: int, text: str, kind: type[Exception]) -> None:
    assert type(classify("eth_getLogs", code, text)) is kind, node


@pytest.mark.parametrize(("node", "code", "text", "kind"), RECEIPTS)
def test_texts_of_methods_that_a_node_lacks(
    node: str, code: int, text: str, kind: type[Exception]
) -> None:
    assert type(classify("eth_getBlockReceipts", code, text)) is kind, node


def test_each_kind_of_refusal_is_named_by_some_node() -> None:
    """So that nothing in the table stands without a text that a node really says."""
    kinds = {kind for _, _, _, kind in (*SENDING, *LOGS, *RECEIPTS)}
    assert kinds == {kind for kind, _ in refusals._BY_TEXT} | {
        errors.RangeTooLarge,
        errors.NodeRefused,
    }


def test_too_many_logs_is_a_matter_of_range_only_where_logs_are_asked_for() -> None:
    text = "query returned more than 10000 results"
    assert type(classify("eth_getLogs", -32005, text)) is errors.RangeTooLarge
    assert type(classify("eth_call", -32005, text)) is errors.NodeBusy


def test_reverts_are_named_by_their_custom_errors() -> None:
    found = decode_revert(count_wrong(7, 5))
    assert (found.name, found.arguments) == ("BatchCountWrong", {"expected": 7, "actual": 5})
    assert kind_of(found) is RevertKind.ORDER
    assert decode_revert("0x").name == "Empty"
    assert decode_revert("0x12345678").name == "Unknown"
    assert decode_revert("0x08c379a0" + "00").name == "Unknown", "cut short"
    assert decode_revert("0x08c379a0" + "no").name == "Unknown", "no hex"
    assert decode_revert("0x08c379a0" + encode(["string"], ["a\0b"]).hex()).name == "Unknown"


def test_what_cannot_be_encoded_fails_where_it_is_written() -> None:
    item = OutboxItem(
        kind="register_payee",
        key="x",
        signer="registrar",
        payload={"payee": "0x12"},
        state=OutboxState.WAITING,
        created_at=datetime.now(UTC),
    )
    with pytest.raises(EncodingError):
        call_of([item], {"Payees": ""})


def test_what_nobody_has_sorted_is_a_bug() -> None:
    assert kind_of(decode_revert("0x12345678")) is RevertKind.BUG
    assert kind_of(Reverted("BatchUsed", {})) is RevertKind.BUG, "it was minted before"


def test_a_rule_set_waits_for_the_one_before_it() -> None:
    early = Reverted("RuleSetVersionWrong", {"version": 3, "expected": 2})
    late = Reverted("RuleSetVersionWrong", {"version": 1, "expected": 2})
    assert (kind_of(early), kind_of(late)) == (RevertKind.WAIT, RevertKind.BUG)


def test_every_sorted_refusal_is_an_error_that_some_contract_declares() -> None:
    ours = {"CompletenessUnproven", "NodeRefused", "NotAllowed", "NotFunded", "ReasonPassed"}
    ours |= {"GasRanOut", "TransactionTooLarge"}
    assert KIND_OF.keys() - ours <= {entry["name"] for entry in load_errors()}


def test_until_when_the_chain_refuses() -> None:
    noon = datetime(2026, 11, 29, 12, tzinfo=UTC)
    paused = Reverted("PauseInForce", {"family": 1, "until": int(noon.timestamp()) + 60})
    assert waits_until(paused, noon) == noon + timedelta(minutes=1)
    over = Reverted("DailyCeilingExceeded", {})
    assert waits_until(over, noon) == datetime(2026, 11, 30, tzinfo=UTC)
    assert waits_until(Reverted("FundingExceeded", {}), noon) is None


def test_logs_of_strangers_are_no_events() -> None:
    assert decode_event(["0x" + "ab" * 32], b"") is None
    assert decode_event([], b"") is None


def test_payloads_survive_the_way_through_json() -> None:
    kind = KINDS["publish_cells"]
    (cells,) = [abi for abi, name in kind.arguments if name == "cells"]
    cell: dict[str, object] = {name: 1 for _, name in split_members(cells[1:-3])}
    cell |= {"correction": True, "metrics": [1, 2, 3, 4, 5, 6], "root": b"\x05" * 32}
    values: dict[str, object] = {
        "programme_id": b"\x01" * 32,
        "period": 9,
        "sum_root": b"\x02" * 32,
    }
    values |= {"cells": [cell], "kept_back_actions": 0, "kept_back_reward": 2**100}
    decoded = decode_payload(kind, encode_payload(kind, values))
    assert decoded[0] == b"\x01" * 32
    assert decoded[3] == [tuple(cell.values())]
    assert encode_call(kind.contract, kind.function, decoded)
    with pytest.raises(ValueError, match="period"):
        encode_payload(kind, {name: value for name, value in values.items() if name != "period"})


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_is_a_call_that_its_contract_has(name: str) -> None:
    kind = KINDS[name]
    abi = load_artifact(kind.contract).abi
    (entry,) = [e for e in abi if e["type"] == "function" and e["name"] == kind.function]
    listed = "[]" if kind.group > 1 else ""
    given = [plain(argument) + listed for argument, _ in kind.arguments]
    assert given == [type_of(argument) for argument in entry["inputs"]]


def plain(kind: str) -> str:
    """A member's type without names: "(uint32 a,bool b)[]" is "(uint32,bool)[]"."""
    if not kind.startswith("("):
        return kind
    inside, _, rest = kind[1:].rpartition(")")
    return f"({','.join(plain(member) for member, _ in split_members(inside))}){rest}"


def count_wrong(expected: int, actual: int) -> str:
    head = keccak(b"BatchCountWrong(uint256,uint256)")[:4]
    return "0x" + (head + expected.to_bytes(32, "big") + actual.to_bytes(32, "big")).hex()
