"""Files for a QBFT network of Besu nodes at different bodies: what `civis network init` writes.

Each body makes its node's key itself and hands over its public half alone. Besu is on no package
registry, so no test starts one: the first block's extra data is held to Besu's own example, the
rest to what its documentation names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

from eth_keys.datatypes import PublicKey

from app.network.tokens import PUBLIC

PEER_PORT, RPC_PORT, METRICS_PORT = 30303, 8545, 9545
GAS_LIMIT = 480_000_000  # what a validator executes within a block's time
CODE_LIMIT = 65_536
_MIX_HASH = "0x63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365"  # marks BFT blocks

_LOCAL = ["localhost", "127.0.0.1"]  # Besu's default; metrics are asked for from there
_COMMON: dict[str, Any] = {
    "genesis-file": "genesis.json",
    "data-path": "data",
    "node-private-key-file": "key",
    "sync-mode": "FULL",
    "data-storage-format": "FOREST",
    "min-gas-price": 0,
    "tx-pool": "SEQUENCED",
    "tx-pool-max-size": 20_000,
    "tx-pool-limit-by-account-percentage": 0.5,  # its default is four transactions of a key
    "rpc-http-enabled": True,
    "rpc-http-port": RPC_PORT,
    "discovery-enabled": False,
    "static-nodes-file": "static-nodes.json",
    "p2p-port": PEER_PORT,
    "permissions-nodes-config-file-enabled": True,
    "permissions-nodes-config-file": "permissions.toml",
    "permissions-accounts-config-file": "permissions.toml",
    "metrics-enabled": True,
    "metrics-port": METRICS_PORT,
}
_ANSWERING: dict[str, Any] = {
    "rpc-http-api": ["ETH", "NET", "WEB3"],
    "rpc-http-authentication-enabled": True,
    "rpc-http-authentication-jwt-public-key-file": PUBLIC,  # read as RS256
    "rpc-max-logs-range": 5_000,
    "revert-reason-enabled": True,
}
_SEALING: dict[str, Any] = {  # for votes and permissions, by whoever sits at the machine
    "rpc-http-host": "127.0.0.1",
    "rpc-http-api": ["ETH", "NET", "QBFT", "PERM", "ADMIN"],
    "host-allowlist": _LOCAL,
}


@dataclass(frozen=True)
class Body:
    """Who runs a node. `node_id`: its node key's public half, 128 hexadecimal digits."""

    name: str
    operator: str
    host: str
    node_id: str
    validates: bool

    @property
    def address(self) -> str:
        """What a validator seals with: Besu signs blocks with the node key."""
        return str(PublicKey(bytes.fromhex(self.node_id)).to_checksum_address())

    @property
    def network(self) -> str:
        return network_of(self.host)

    @property
    def enode(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"enode://{self.node_id}@{host}:{PEER_PORT}"


@dataclass(frozen=True)
class Plan:
    """A network before its first block."""

    chain_id: int
    block_seconds: int
    bodies: Sequence[Body]

    @property
    def validators(self) -> list[Body]:
        return [body for body in self.bodies if body.validates]

    @property
    def sealers(self) -> list[str]:
        """The validators' addresses in the order in which headers name them."""
        return sorted(body.address.lower() for body in self.validators)


def network_of(host: str) -> str:
    """Its neighbourhood, which a router or a provider that fails takes along; empty for a name."""
    try:
        found = ip_address(host)
    except ValueError:
        return ""
    bits = 24 if found.version == 4 else 48
    return str(ip_network(f"{found}/{bits}", strict=False))


def extra_data(validators: Sequence[str]) -> str:
    """The header's field that names the first validators: RLP, with no vote, round 0, no seals."""
    return "0x" + _rlp([bytes(32), _raw(validators), [], b"", []]).hex()


def names_alone(extra: str, validators: Sequence[str]) -> bool:
    """Whether a header's extra data names these validators and no others."""
    return _rlp(_raw(validators)).hex() in extra


def _raw(addresses: Sequence[str]) -> list[bytes]:
    return [bytes.fromhex(address.removeprefix("0x")) for address in addresses]


def genesis(plan: Plan) -> dict[str, Any]:
    """An EVM of Cancun, which our contracts need, and gas at no price."""
    qbft = {
        "blockperiodseconds": plan.block_seconds,
        "requesttimeoutseconds": 2 * plan.block_seconds,
        "epochlength": 30_000,  # never to be changed
    }
    forks = {"berlinBlock": 0, "londonBlock": 0, "shanghaiTime": 0, "cancunTime": 0}
    return {
        "config": {
            "chainId": plan.chain_id,
            **forks,
            "zeroBaseFee": True,
            "contractSizeLimit": CODE_LIMIT,
            "qbft": qbft,
        },
        "nonce": "0x0",
        "timestamp": "0x0",
        "gasLimit": hex(GAS_LIMIT),
        "difficulty": "0x1",
        "mixHash": _MIX_HASH,
        "coinbase": "0x" + "00" * 20,
        "extraData": extra_data(plan.sealers),
        "alloc": {},
    }


def node_settings(body: Body, senders: Sequence[str]) -> dict[str, Any]:
    """Besu's own settings file of one node; validators answer their own machine alone, the others
    whoever has a token and asks for them by their host."""
    answering = {
        **_ANSWERING,
        "rpc-http-host": body.host,
        "host-allowlist": [*_LOCAL, body.host],
    }
    return _COMMON | {
        "p2p-host": body.host,
        "permissions-accounts-config-file-enabled": bool(senders),
        **(_SEALING if body.validates else answering),
    }


def permissions(plan: Plan, senders: Sequence[str]) -> dict[str, Any]:
    """Who may connect, and which accounts may send; the same file on all nodes."""
    allowed: dict[str, Any] = {"nodes-allowlist": [body.enode for body in plan.bodies]}
    return allowed | ({"accounts-allowlist": list(senders)} if senders else {})


def _rlp(item: Any) -> bytes:
    """Recursive length prefix, of bytes and lists; no single byte below 0x80 occurs here."""
    inner, mark = (item, 0x80) if isinstance(item, bytes) else (b"".join(map(_rlp, item)), 0xC0)
    if len(inner) < 56:
        return bytes([mark + len(inner)]) + inner
    size = len(inner).to_bytes((len(inner).bit_length() + 7) // 8, "big")
    return bytes([mark + 55 + len(size)]) + size + inner


def _power(share: int, count: int) -> str:
    """What so many of them can do; two thirds, rounded up, agree on a block."""
    needed = -(-2 * count // 3)
    if share >= needed:
        return "it decides alone what is on the chain"
    if count - share < needed:
        return "if it fails, the network stands"
    return "if it cheats, some may be shown another chain than others"


def warnings(plan: Plan) -> list[str]:
    """What makes the network weaker than it looks, in sentences."""
    found, count = [], len(plan.validators)
    if count < 4:
        found.append(f"Fewer than four validators ({count}) don't bear a single one that cheats.")
    for what in ("operator", "host", "network"):
        shares = Counter(str(getattr(body, what)) for body in plan.validators)
        found += [
            f"The {what} {name} has {share} of {count} validators: {_power(share, count)}."
            for name, share in shares.items()
            if name and share > 1 and 3 * share >= count
        ]
    if sum(not body.validates for body in plan.bodies) < 2:
        found.append("Fewer than two nodes that answer: Civis has none to fall back on.")
    return found
