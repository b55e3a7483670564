"""Who takes part: validators, a candidate who may be voted in, and the nodes that answer us.

Each has a folder of its own under home/network with its own node key; who validates has an
account key too. The file network.json says who they are, and what the genesis block was made of.
"""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from eth_account import Account
from eth_keys.datatypes import PrivateKey

from app.chain.typed import address_of
from app.keyfiles import ensure_key, read_key, write_private
from app.privacy.keys import key_bytes

VALIDATORS, RPC_NODES = 4, 2


@dataclass(frozen=True)
class Member:
    """A node. `address` is what a validator seals blocks with; RPC nodes have none."""

    name: str
    folder: Path
    socket: Path
    address: str | None

    @property
    def node_id(self) -> str:
        """What other nodes know it by: its node key's public half."""
        key = key_bytes(read_key(self.folder, "node"))
        return PrivateKey(key).public_key.to_bytes().hex()

    def write_keys(self) -> None:
        """As geth wants to find them, from the key files, which alone are kept safe."""
        data = self.folder / "data"
        node_key = key_bytes(read_key(self.folder, "node")).hex()
        write_private(data / "geth" / "nodekey", node_key)
        if self.address is None:
            return
        key, password = (read_key(self.folder, name) for name in ("account", "password"))
        # A short derivation: the password is 256 random bits in the file beside it.
        sealed = Account.encrypt(key_bytes(key), password, kdf="pbkdf2", iterations=1000)
        write_private(data / "keystore" / "account.json", json.dumps(sealed))


@dataclass(frozen=True)
class Network:
    """`first`: addresses of the validators of the genesis block."""

    chain_id: int
    born: int
    validators: int
    candidates: int

    @classmethod
    def of(cls, home: Path, *, candidates: int = 0) -> Network:
        """The one of this home, drawn at the first start and kept."""
        file = home / "network" / "network.json"
        if not file.exists():
            # As Anvil's: above any public chain's, and a number that JavaScript can hold.
            chain_id = 10**9 + secrets.randbelow(10**9)
            drawn = cls(chain_id, int(time.time()), VALIDATORS, candidates)
            write_private(file, json.dumps(asdict(drawn)))
        return cls(**json.loads(file.read_text(encoding="ascii")))

    def members(self, home: Path) -> list[Member]:
        """All of them, keys made where there were none: validators, candidates, RPC nodes."""
        names = [
            *((f"validator-{n}", True) for n in range(1, self.validators + 1)),
            *((f"candidate-{n}", True) for n in range(1, self.candidates + 1)),
            *((f"rpc-{n}", False) for n in range(1, RPC_NODES + 1)),
        ]
        return [_member(home, name, seals) for name, seals in names]


def _member(home: Path, name: str, seals: bool) -> Member:
    folder = home / "network" / name
    for key in ("node", *(("account", "password") if seals else ())):
        ensure_key(folder, key)
    address = address_of(key_bytes(read_key(folder, "account"))) if seals else None
    return Member(name, folder, home / "run" / f"{name}.ipc", address)
