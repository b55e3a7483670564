"""What is signed: the EIP-712 structs of the contracts, their digests, and the signatures.

Pure: no node, no database. A struct's `TYPE` is its EIP-712 type string, and its dataclass fields
stand in the same order; the words here must equal the contracts' `hash…` views. Every domain
carries the chain's genesis hash as salt, so a signature names one contract on one chain.
Digests and ids are 32 raw bytes, addresses checksummed text, amounts integers in cents.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from typing import Any, ClassVar

from app.chain.signatures import (
    BadSignature,
    address_of,
    checksum,
    keccak,
    new_key,
    recover,
    sign,
)

__all__ = [
    "ATTESTERS",
    "DESK",
    "DOMAIN_TYPE",
    "VERSION",
    "Acceptance",
    "Attestation",
    "BadSignature",
    "Domain",
    "GiveBack",
    "ImportStatement",
    "KeyCertificate",
    "Order",
    "Refund",
    "Struct",
    "acceptance_digest",
    "address_of",
    "attestation_digest",
    "checksum",
    "digest",
    "give_back_digest",
    "import_statement_digest",
    "keccak",
    "key_certificate_digest",
    "members",
    "new_key",
    "order_digest",
    "recover",
    "refund_digest",
    "sign",
    "type_hash",
    "typed_data",
]

DESK = "Civis PaymentDesk"
ATTESTERS = "Civis Attesters"
VERSION = "1"
DOMAIN_TYPE = (
    "EIP712Domain(string name,string version,uint256 chainId,"
    "address verifyingContract,bytes32 salt)"
)


@dataclass(frozen=True)
class Domain:
    """Which contract on which chain a signature is for; `salt` is the genesis hash."""

    name: str
    chain_id: int
    contract: str
    salt: bytes

    def separator(self) -> bytes:
        return _separator(self)


class Struct:
    """A signed struct; subclasses are frozen dataclasses in the order of their type string."""

    TYPE: ClassVar[str]

    def struct_hash(self) -> bytes:
        """keccak(type hash, fields as 32-byte words). Raises ValueError on a value out of range."""
        values = [getattr(self, field.name) for field in fields(self)]  # type: ignore[arg-type]
        kinds = [kind for kind, _ in members(self.TYPE)]
        words = [_word(kind, value) for kind, value in zip(kinds, values, strict=True)]
        return keccak(type_hash(self.TYPE) + b"".join(words))


@dataclass(frozen=True)
class Order(Struct):
    TYPE = (
        "Order(bytes32 paymentId,bytes32 programmeId,address payer,address payee,"
        "uint128 amount,uint64 requestedUntil)"
    )
    payment_id: bytes
    programme_id: bytes
    payer: str
    payee: str
    amount: int
    requested_until: int


@dataclass(frozen=True)
class Acceptance(Struct):
    """The acceptor's countersignature over an order's, refund's or give-back's digest."""

    TYPE = "Acceptance(bytes32 orderId)"
    order_id: bytes


@dataclass(frozen=True)
class Refund(Struct):
    TYPE = "Refund(bytes32 orderId,address payee,uint128 amount,bytes32 nonce)"
    order_id: bytes
    payee: str
    amount: int
    nonce: bytes


@dataclass(frozen=True)
class GiveBack(Struct):
    TYPE = "GiveBack(bytes32 programmeId,address holder,uint128 amount,bytes32 nonce)"
    programme_id: bytes
    holder: str
    amount: int
    nonce: bytes


@dataclass(frozen=True)
class Attestation(Struct):
    TYPE = (
        "Attestation(bytes32 programmeId,address attester,bytes32 subject,uint32 actionTypeId,"
        "uint16 actionTypeVersion,uint64 quantity,uint64 deedAt,bytes32 nonce)"
    )
    programme_id: bytes
    attester: str
    subject: bytes
    action_type_id: int
    action_type_version: int
    quantity: int
    deed_at: int
    nonce: bytes


@dataclass(frozen=True)
class KeyCertificate(Struct):
    TYPE = (
        "KeyCertificate(address organisation,address key,bytes32 scopeHash,"
        "uint64 validFrom,uint64 validUntil)"
    )
    organisation: str
    key: str
    scope_hash: bytes
    valid_from: int
    valid_until: int


@dataclass(frozen=True)
class ImportStatement(Struct):
    TYPE = "ImportStatement(address partner,bytes32 root,uint32 rows,uint64 statedAt)"
    partner: str
    root: bytes
    rows: int
    stated_at: int


def digest(domain: Domain, struct: Struct) -> bytes:
    """The 32 bytes that are signed."""
    return keccak(b"\x19\x01" + domain.separator() + struct.struct_hash())


# By what they sign: an order's and a refund's digest is its id.
order_digest = refund_digest = give_back_digest = attestation_digest = digest
key_certificate_digest = import_statement_digest = digest


def acceptance_digest(domain: Domain, order_id: bytes) -> bytes:
    return digest(domain, Acceptance(order_id))


def typed_data(domain: Domain, struct: Struct) -> dict[str, Any]:
    """The same statement as `eth_signTypedData_v4` takes it: integers as text, bytes as 0x hex."""
    name = struct.TYPE.partition("(")[0]
    names = [{"name": label, "type": kind} for kind, label in members(struct.TYPE)]
    values = [getattr(struct, field.name) for field in fields(struct)]  # type: ignore[arg-type]
    return {
        "types": {"EIP712Domain": _json_members(DOMAIN_TYPE), name: names},
        "primaryType": name,
        "domain": {
            "name": domain.name,
            "version": VERSION,
            "chainId": domain.chain_id,
            "verifyingContract": domain.contract,
            "salt": "0x" + domain.salt.hex(),
        },
        "message": {m["name"]: _json(v) for m, v in zip(names, values, strict=True)},
    }


@cache
def type_hash(type_string: str) -> bytes:
    return keccak(type_string.encode())


@cache
def members(type_string: str) -> tuple[tuple[str, str], ...]:
    """(kind, name) of each member of an EIP-712 type string of static members."""
    inside = type_string.partition("(")[2].removesuffix(")")
    pairs = (member.split(" ") for member in inside.split(","))
    return tuple((kind, name) for kind, name in pairs)


@cache
def _separator(domain: Domain) -> bytes:
    words = (
        keccak(domain.name.encode()),
        keccak(VERSION.encode()),
        _word("uint256", domain.chain_id),
        _word("address", domain.contract),
        _word("bytes32", domain.salt),
    )
    return keccak(type_hash(DOMAIN_TYPE) + b"".join(words))


def _word(kind: str, value: Any) -> bytes:
    """One 32-byte ABI word. Raises ValueError when the value does not fit its kind."""
    if kind == "bytes32" and isinstance(value, bytes) and len(value) == 32:
        return value
    if kind == "address" and isinstance(value, str) and len(value) == 42:
        return bytes(12) + bytes.fromhex(value.removeprefix("0x"))
    if kind.startswith("uint") and isinstance(value, int) and 0 <= value < 1 << int(kind[4:]):
        return value.to_bytes(32, "big")
    raise ValueError(f"{value!r} is no {kind}")


def _json(value: Any) -> str:
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)


def _json_members(type_string: str) -> list[dict[str, str]]:
    return [{"name": name, "type": kind} for kind, name in members(type_string)]
