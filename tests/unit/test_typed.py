"""The typed data agrees with an independent implementation (eth_account), bit for bit."""

from __future__ import annotations

from dataclasses import replace

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from app.chain import typed

DOMAIN = typed.Domain(typed.DESK, 31337, "0x" + "0" * 39 + "7", b"\x05" * 32)
KEY = b"\x11" * 32
ONE, TWO = typed.address_of(b"\x21" * 32), typed.address_of(b"\x22" * 32)
STRUCTS: list[typed.Struct] = [
    typed.Order(b"\x01" * 32, b"\x02" * 32, ONE, TWO, 2**128 - 1, 2**64 - 1),
    typed.Acceptance(b"\x03" * 32),
    typed.Refund(b"\x01" * 32, TWO, 250, b"\x04" * 32),
    typed.GiveBack(b"\x02" * 32, ONE, 1, b"\x04" * 32),
    typed.Attestation(b"\x02" * 32, ONE, b"\x06" * 32, 7, 2, 12_500, 1_790_000_000, b"\x07" * 32),
    typed.KeyCertificate(ONE, TWO, b"\x08" * 32, 1, 2),
    typed.ImportStatement(ONE, b"\x09" * 32, 4000, 1_790_000_000),
]


def independent_digest(struct: typed.Struct) -> bytes:
    data = typed.typed_data(DOMAIN, struct)
    kinds = {m["name"]: m["type"] for m in data["types"][data["primaryType"]]}
    for name, value in data["message"].items():
        if kinds[name].startswith("uint"):
            data["message"][name] = int(value)
    signed = encode_typed_data(full_message=data)
    return typed.keccak(b"\x19" + signed.version + signed.header + signed.body)


@pytest.mark.parametrize("struct", STRUCTS, ids=lambda s: type(s).__name__)
def test_digest_is_that_of_the_standard(struct: typed.Struct) -> None:
    assert typed.digest(DOMAIN, struct) == independent_digest(struct)


@pytest.mark.parametrize("struct", STRUCTS, ids=lambda s: type(s).__name__)
def test_another_domain_gives_another_digest(struct: typed.Struct) -> None:
    others = [
        replace(DOMAIN, chain_id=1),
        replace(DOMAIN, salt=b"\x06" * 32),
        replace(DOMAIN, contract=ONE),
        replace(DOMAIN, name=typed.ATTESTERS),
    ]
    digests = {typed.digest(domain, struct) for domain in [DOMAIN, *others]}
    assert len(digests) == 5


def test_signature_is_recovered_and_is_the_wallets_own() -> None:
    digest = typed.digest(DOMAIN, STRUCTS[0])
    signature = typed.sign(digest, KEY)
    assert typed.recover(digest, signature) == typed.address_of(KEY)
    assert signature == bytes(Account.unsafe_sign_hash(digest, KEY).signature)
    assert typed.recover(bytes(32), signature) != typed.address_of(KEY)


def test_signatures_the_contracts_refuse_are_refused() -> None:
    digest = typed.digest(DOMAIN, STRUCTS[0])
    good = typed.sign(digest, KEY)
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    high = (order - int.from_bytes(good[32:64], "big")).to_bytes(32, "big")
    bad = [good[:64], good[:64] + b"\x00", good[:32] + high + bytes([55 - good[64]]), bytes(65)]
    for signature in [*bad, bytes(64) + b"\x1b"]:
        with pytest.raises(typed.BadSignature):
            typed.recover(digest, signature)


def test_values_out_of_range_are_refused() -> None:
    order = typed.Order(b"\x01" * 32, b"\x02" * 32, ONE, TWO, 1, 1)
    for wrong in [{"amount": -1}, {"amount": 2**128}, {"payer": "0x12"}, {"payment_id": b"1"}]:
        with pytest.raises(ValueError, match="is no"):
            replace(order, **wrong).struct_hash()  # type: ignore[arg-type]


def test_new_keys_differ() -> None:
    assert typed.new_key() != typed.new_key()
