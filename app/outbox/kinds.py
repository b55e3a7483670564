"""Which call on which contract each kind of outbox row becomes, and who sends it.

Pure data. A payload holds the call's arguments by name in JSON form: bytes as 0x hex, the rest
as it is. `group` > 1: up to so many rows become one call, each argument a list of theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MINTER, SETTLER, BURNER, OFFICER, REGISTRAR = "minter", "settler", "burner", "officer", "registrar"
TREASURERS = ("treasurer_1", "treasurer_2")
OFFICERS = (OFFICER, "officer_2", "officer_3", "officer_4")
ORDERED = frozenset({MINTER, SETTLER})  # whose rows keep their order, programme by programme
CELL = (
    "(uint32 action_type_id,uint16 action_type_version,uint8 proof_level,uint32 month,"
    "bool correction,uint64 actions,uint128 reward,uint128[6] metrics,bytes32 root)"
)
ORDER = (
    "(bytes32 payment_id,bytes32 programme_id,address payer,address payee,"
    "uint128 amount,uint64 requested_until)"
)
MOVE = "(bytes32 programme_id,address sender,address receiver,uint128 amount,bytes32 nonce)"
FORWARD = "(bytes32 programme_id,address sender,uint128 amount,bytes32 nonce)"
REFUND = "(bytes32 order_id,address payee,uint128 amount,bytes32 nonce)"


@dataclass(frozen=True)
class Kind:
    """`arguments`: ABI type and name of each payload member, in the order of the call."""

    contract: str
    function: str
    signers: tuple[str, ...]
    arguments: tuple[tuple[str, str], ...]
    group: int = 1


def _kind(
    contract: str,
    function: str,
    signers: str | tuple[str, ...],
    arguments: str,
    *,
    group: int = 1,
) -> Kind:
    roles = (signers,) if isinstance(signers, str) else signers
    return Kind(contract, function, roles, split_members(arguments), group)


def split_members(text: str) -> tuple[tuple[str, str], ...]:
    """(type, name) of each member of "type name,(type name,…) name"; tuples stay whole."""
    parts, depth, start = [], 0, 0
    for at, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    pairs = (part.strip().rpartition(" ") for part in [*parts, text[start:]])
    return tuple((kind, name) for kind, _, name in pairs)


KINDS: dict[str, Kind] = {
    "create_programme": _kind(
        "Programmes",
        "createProgramme",
        OFFICER,
        "bytes32 programme_id,string name,string symbol,uint64 earn_until,uint64 spend_until,"
        "bytes32 rule_set_hash",
    ),
    "set_rule_set": _kind(
        "Programmes",
        "setRuleSet",
        OFFICER,
        "bytes32 programme_id,uint32 version,bytes32 rule_set_hash,uint64 valid_from",
    ),
    "close_programme": _kind("Programmes", "close", OFFICER, "bytes32 programme_id"),
    "propose_funding": _kind(
        "Programmes",
        "proposeFunding",
        TREASURERS,
        "bytes32 programme_id,uint128 amount,bytes32 bank_reference",
    ),
    "confirm_funding": _kind(
        "Programmes", "confirmFunding", TREASURERS, "bytes32 programme_id,bytes32 bank_reference"
    ),
    "propose_return": _kind(
        "Programmes",
        "proposeReturn",
        TREASURERS,
        "bytes32 programme_id,uint128 amount,bytes32 bank_reference",
    ),
    "confirm_return": _kind(
        "Programmes", "confirmReturn", TREASURERS, "bytes32 programme_id,bytes32 bank_reference"
    ),
    "withdraw_funding": _kind(
        "Programmes",
        "withdrawProposal",
        TREASURERS,
        "bytes32 programme_id,bytes32 bank_reference",
    ),
    "register_attester": _kind(
        "Attesters",
        "register",
        REGISTRAR,
        "address key,uint8 kind,bytes32 scope_hash,uint64 valid_from,uint64 valid_until",
    ),
    "revoke_attester": _kind("Attesters", "revoke", REGISTRAR, "address key,bool for_cause"),
    "register_payee": _kind("Payees", "register", REGISTRAR, "address payee"),
    "set_payee_state": _kind("Payees", "setState", REGISTRAR, "address payee,uint8 state"),
    "pay_out": _kind(
        "Payees",
        "payOut",
        BURNER,
        "bytes32 reference,bytes32 programme_id,address[] payees,uint128[] amounts",
    ),
    "commit_batch": _kind(
        "ActionRegistry",
        "commitBatch",
        MINTER,
        "bytes32 batch_id,uint256 expected_count,bytes32 programme_id,bytes32 root,"
        "uint32 action_count,bytes32[] credits",
    ),
    "cancel_batch": _kind("ActionRegistry", "cancelBatch", MINTER, "bytes32 batch_id"),
    "publish_cells": _kind(
        "ActionRegistry",
        "publishCells",
        MINTER,
        f"bytes32 programme_id,uint32 period,bytes32 sum_root,{CELL}[] cells,"
        "uint64 kept_back_actions,uint128 kept_back_reward",
    ),
    "settle_orders": _kind(
        "PaymentDesk",
        "settle",
        SETTLER,
        f"{ORDER} order,bytes payer_signature,bytes acceptor_signature",
        group=64,
    ),
    "settle_refunds": _kind(
        "PaymentDesk",
        "settleRefunds",
        SETTLER,
        f"{REFUND} refund,{ORDER} order,bytes payee_signature,bytes acceptor_signature",
        group=64,
    ),
    "block_account": _kind(
        "Recovery", "blockAccount", OFFICERS, "bytes32 programme_id,address account"
    ),
    "unblock_account": _kind(
        "Recovery", "unblockAccount", OFFICERS, "bytes32 programme_id,address account"
    ),
    "propose_recovery": _kind(
        "Recovery",
        "propose",
        OFFICERS,
        "bytes32 recovery_id,bytes32 programme_id,address old_account,address new_account",
    ),
    "confirm_recovery": _kind("Recovery", "confirm", OFFICERS, "bytes32 recovery_id"),
    "withdraw_recovery": _kind("Recovery", "withdraw", OFFICERS, "bytes32 recovery_id"),
    "contest_recovery": _kind("Recovery", "contest", OFFICERS, "bytes32 recovery_id"),
    "vote_recovery": _kind("Recovery", "vote", OFFICERS, "bytes32 recovery_id,bool in_favour"),
    "execute_recovery": _kind(
        "Recovery",
        "execute",
        SETTLER,
        "bytes32 recovery_id,uint128 holds,bytes acceptor_signature",
    ),
    "move_account": _kind(
        "Recovery",
        "moveAccount",
        SETTLER,
        f"{MOVE} move,bytes owner_signature,bytes acceptor_signature",
    ),
    "forward": _kind(
        "Recovery", "forward", SETTLER, f"{FORWARD} forwarded,bytes acceptor_signature"
    ),
    "anchor": _kind("Anchor", "commit", MINTER, "bytes32 kind,uint32 day,bytes32 root"),
}

# Rows that share a call: each is executed or skipped by itself.
SHARING = frozenset(name for name, kind in KINDS.items() if kind.group > 1)


def encode_payload(kind: Kind, values: dict[str, Any]) -> dict[str, Any]:
    """The JSON form of a call's arguments. Raises ValueError when names don't agree."""
    return _by_name(kind.arguments, values, _to_json)


def decode_payload(kind: Kind, payload: dict[str, Any]) -> list[Any]:
    """The call's arguments in order, tuples as tuples, bytes as bytes."""
    return list(_by_name(kind.arguments, payload, _from_json).values())


Convert = Callable[[str, Any], Any]


def _by_name(
    members: tuple[tuple[str, str], ...], values: dict[str, Any], convert: Convert
) -> dict[str, Any]:
    names = {name for _, name in members}
    if names != values.keys():
        raise ValueError(f"payload names differ: {sorted(names ^ values.keys())}")
    return {name: convert(kind, values[name]) for kind, name in members}


def _to_json(kind: str, value: Any) -> Any:
    if kind.endswith("]"):
        return [_to_json(kind.rpartition("[")[0], item) for item in value]
    if kind.startswith("("):
        return _by_name(split_members(kind[1:-1]), value, _to_json)
    return "0x" + value.hex() if kind.startswith("bytes") else value


def _from_json(kind: str, value: Any) -> Any:
    if kind.endswith("]"):
        return [_from_json(kind.rpartition("[")[0], item) for item in value]
    if kind.startswith("("):
        return tuple(_by_name(split_members(kind[1:-1]), value, _from_json).values())
    return bytes.fromhex(value[2:]) if kind.startswith("bytes") else value
