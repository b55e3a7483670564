"""Keys and signatures on secp256k1, exactly as the contracts take them; keccak256.

Private keys are 32 raw bytes, signatures 65 (r, s, v), addresses checksummed text.
"""

from __future__ import annotations

import secrets
from functools import lru_cache

from eth_hash.backends.pysha3 import PySha3Backend
from eth_keys.datatypes import PrivateKey, PublicKey, Signature
from eth_keys.exceptions import BadSignature as _EthKeysBadSignature

keccak = PySha3Backend().keccak256  # in C, by no detour: a fifth of the default's time
_HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0


class BadSignature(ValueError):  # noqa: N818 - it is a state of the world
    """Not a 65-byte signature that the contracts would accept (v 27 or 28, low s)."""


def new_key() -> bytes:
    """A fresh private key, 32 bytes."""
    while True:
        key = secrets.token_bytes(32)
        try:
            address_of(key)
        except ValueError:  # zero or above the curve's order: as good as never
            continue
        return key


def address_of(key: bytes) -> str:
    """The checksummed address of a private key."""
    return str(PrivateKey(key).public_key.to_checksum_address())


def sign(message_digest: bytes, key: bytes) -> bytes:
    """65 bytes r, s, v (27 or 28), s low, as the contracts take them."""
    raw = PrivateKey(key).sign_msg_hash(message_digest).to_bytes()
    return bytes(raw[:64]) + bytes([raw[64] + 27])


def recover(message_digest: bytes, signature: bytes) -> str:
    """The checksummed address that signed. Raises BadSignature where the contracts would refuse."""
    if len(message_digest) != 32 or len(signature) != 65 or signature[64] not in (27, 28):
        raise BadSignature("a signature is 65 bytes ending in 27 or 28")
    if int.from_bytes(signature[32:64], "big") > _HALF_ORDER:
        raise BadSignature("the signature's s is in the upper half")
    try:
        plain = Signature(signature[:64] + bytes([signature[64] - 27]))
        key: PublicKey = plain.recover_public_key_from_msg_hash(message_digest)
    except (_EthKeysBadSignature, ValueError) as error:
        raise BadSignature("no key signed this") from error
    return str(key.to_checksum_address())


@lru_cache(maxsize=4096)  # the same contracts and people again and again
def checksum(address: str | bytes) -> str:
    """Checksummed text of an address (EIP-55). Raises ValueError if it is none."""
    text = address.hex() if isinstance(address, bytes) else address.removeprefix("0x").lower()
    if len(text) != 40 or len(bytes.fromhex(text)) != 20:
        raise ValueError(f"{address!r} is no address")
    raised = keccak(text.encode()).hex()
    return "0x" + "".join(
        letter.upper() if by > "7" else letter for letter, by in zip(text, raised, strict=False)
    )
