"""What the signer knows of the chain: the deployment's file, and who may call what on it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.chain import typed
from app.chain.contracts.artifacts import SINGLE, load_roles
from app.chain.deploying.generations import standing
from app.chain.deploying.role_keys import SENDERS
from app.chain.signer_protocol import from_hex
from app.chain.typed_recovery import RECOVERY
from app.errors import Problem

GAS_MOST = 30_000_000
_FIELDS = {
    "type", "chainId", "nonce", "gas", "to", "value", "data", "gasPrice", "maxFeePerGas",
    "maxPriorityFeePerGas",
}  # fmt: skip


@dataclass(frozen=True)
class Contracts:
    """Addresses by contract name, on one chain, the one in force first."""

    chain_id: int
    genesis_hash: bytes
    addresses: dict[str, tuple[str, ...]]

    @classmethod
    def read(cls, deployment_file: Path) -> Contracts:
        """As it stands now: contracts are replaced while the signer runs. Raises Problem
        signer-not-ready while there is none."""
        try:
            return _read(deployment_file, deployment_file.stat().st_mtime_ns)
        except FileNotFoundError as error:
            raise Problem("signer-not-ready") from error

    @property
    def desk(self) -> typed.Domain:
        return self._domain(typed.DESK, "PaymentDesk")

    def desk_at(self, address: str | None) -> typed.Domain:
        """An earlier desk, whose orders and their refunds it settles itself; or that in force.
        Raises Problem signer-call-refused for what is no desk of ours."""
        if address is None:
            return self.desk
        if address not in self.addresses["PaymentDesk"]:
            raise Problem("signer-call-refused")
        return replace(self.desk, contract=address)

    @property
    def attesters(self) -> typed.Domain:
        return self._domain(typed.ATTESTERS, "Attesters")

    @property
    def recovery(self) -> typed.Domain:
        return self._domain(RECOVERY, "Recovery")

    def check_call(self, role: str, own: str, transaction: dict[str, Any]) -> None:
        """Only the role's own functions of our contracts on our chain, or nothing to `own`, its
        address, which fills a nonce; and never any value."""
        if role not in SENDERS or set(transaction) - _FIELDS:
            raise Problem("signer-call-refused")
        if transaction.get("chainId") != self.chain_id or transaction.get("value", 0) != 0:
            raise Problem("signer-call-refused")
        if not 0 < int(transaction["gas"]) <= GAS_MOST:
            raise Problem("signer-call-refused")
        data, to = from_hex(transaction["data"]), typed.checksum(transaction["to"])
        if not data and to == own:
            return
        if data[:4] not in self._selectors(SENDERS[role], to):
            raise Problem("signer-call-refused")

    def _selectors(self, role: str, address: str) -> set[bytes]:
        names = [name for name, places in self.addresses.items() if address in places]
        return {
            typed.keccak(signature.encode())[:4]
            for name in names
            for signature, wanted in load_roles().restricted(name).items()
            if wanted == role
        }

    def _domain(self, label: str, name: str) -> typed.Domain:
        return typed.Domain(label, self.chain_id, self.addresses[name][0], self.genesis_hash)


@lru_cache(maxsize=2)
def _read(deployment_file: Path, _changed: int) -> Contracts:
    stored = json.loads(deployment_file.read_text("utf-8"))
    addresses = {name: tuple(map(typed.checksum, standing(stored, name))) for name in SINGLE}
    return Contracts(int(stored["chain_id"]), from_hex(stored["genesis_hash"]), addresses)
