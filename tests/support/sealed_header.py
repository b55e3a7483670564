"""A block of a public Clique network as its node showed it: number 72,691 of May 2022. That it is
real is in its hash, which its fields have; its extra data holds the sealer's signature."""

from __future__ import annotations

from typing import Any

from eth_utils.crypto import keccak

SEALED: dict[str, Any] = {
    "difficulty": "0x2",
    "extraData": "0xd683010a11846765746886676f312e3138856c696e75780000000000000000006ce62f0aa8d3"
    "272e4c33c0f2fc4036329b81c81b51e39a7846ac53edb49128d7522e6f66c4d7909e54b2834464da9256c814888fc0"
    "5eb919c2701cddb3a3cc1b01",
    "gasLimit": "0x7a1200",
    "gasUsed": "0x0",
    "hash": "0x75e602c49a900cf3b92113f4c09db2cd543345347c83986524b694262310e74c",
    "logsBloom": "0x" + "00" * 256,
    "miner": "0x" + "00" * 20,
    "mixHash": "0x" + "00" * 32,
    "nonce": "0x" + "00" * 8,
    "number": "0x11bf3",
    "parentHash": "0x7ecfebbf3af7d1a93bbcf5dbd2c756de2cad823708fea8e10e3e811950d7726a",
    "receiptsRoot": "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421",
    "sha3Uncles": "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347",
    "stateRoot": "0x538d1d7d221791a768785afbee5d6d319d7d99a2cec2d3954f2909637c18af43",
    "timestamp": "0x627ba95c",
    "transactionsRoot": "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421",
}
_FIELDS = (  # as they are hashed
    *("parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot"),
    *("logsBloom", "difficulty", "number", "gasLimit", "gasUsed", "timestamp", "extraData"),
    *("mixHash", "nonce"),
)
_NUMBERS = ("difficulty", "number", "gasLimit", "gasUsed", "timestamp")


def hash_of(header: dict[str, Any]) -> str:
    """What its fields hash to."""
    return (
        "0x" + keccak(_prefixed(b"".join(_encoded(header, name) for name in _FIELDS), 0xC0)).hex()
    )


def _encoded(header: dict[str, Any], name: str) -> bytes:
    """Recursive length prefix; numbers without leading zeros."""
    text = header[name][2:]
    if name in _NUMBERS:
        number = int(text, 16)
        value = number.to_bytes((number.bit_length() + 7) // 8, "big")
    else:
        value = bytes.fromhex(text)
    return value if len(value) == 1 and value[0] < 0x80 else _prefixed(value, 0x80)


def _prefixed(value: bytes, mark: int) -> bytes:
    if len(value) < 56:
        return bytes([mark + len(value)]) + value
    size = len(value).to_bytes((len(value).bit_length() + 7) // 8, "big")
    return bytes([mark + 55 + len(size)]) + size + value
