"""The first block of a Clique network: who validates, and gas that costs nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

PERIOD = 1  # seconds between blocks
EPOCH = 30_000  # blocks after which open votes lapse
# The base fee starts at nothing and rises only above half of this, which no block of ours reaches:
# eight keys with one transaction each, of 16.7 M at most. Once risen it would never fall to 0.
GAS_LIMIT = 1_000_000_000
_VANITY, _SEAL = 32, 65  # bytes before and after the validators
_FORKS = (
    *("homestead", "eip150", "eip155", "eip158", "byzantium", "constantinople", "petersburg"),
    *("istanbul", "berlin", "london"),
)


def extra_data(validators: Sequence[str]) -> str:
    """The header's field that names the first validators, in ascending order (EIP-225)."""
    addresses = sorted(bytes.fromhex(address.removeprefix("0x")) for address in validators)
    return "0x" + (bytes(_VANITY) + b"".join(addresses) + bytes(_SEAL)).hex()


def genesis(chain_id: int, born: int, validators: Sequence[str]) -> dict[str, Any]:
    """What `geth init` reads."""
    forks = {f"{name}Block": 0 for name in _FORKS}
    return {
        "config": {"chainId": chain_id, **forks, "clique": {"period": PERIOD, "epoch": EPOCH}},
        "timestamp": hex(born),
        "difficulty": "0x1",
        "gasLimit": hex(GAS_LIMIT),
        "baseFeePerGas": "0x0",
        "extraData": extra_data(validators),
        "alloc": {},
    }
