"""The deployment's record: where every contract stands. Whoever only reads it loads no web3."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from eth_typing import ChecksumAddress
from eth_utils.address import to_checksum_address

from app.chain.contracts.artifacts import PLACES
from app.chain.deploying.generations import Generation, others_in
from app.keyfiles import write_private


@dataclass(frozen=True)
class Deployment:
    """Where everything stands. `block_number`: the first block that can hold an event of ours;
    `others`: what stands beside those in force."""

    chain_id: int
    genesis_hash: str
    block_number: int
    access_manager: str
    timelock: str
    programmes: str
    action_registry: str
    attesters: str
    payees: str
    payment_desk: str
    recovery: str
    anchor: str
    quorum: str
    delegation: str
    others: tuple[Generation, ...] = field(default=(), kw_only=True)

    def address_of(self, contract: str) -> ChecksumAddress:
        """Address of a contract by its name, as in `artifacts.PLACES`. KeyError if unknown."""
        return to_checksum_address(getattr(self, PLACES[contract]))


def read_record(path: Path) -> Deployment:
    """Raises FileNotFoundError before the first deployment."""
    stored: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return Deployment(**{**stored, "others": others_in(stored)})


def write_record(path: Path, deployment: Deployment) -> None:
    """Whoever could read the record can go on doing so, at every moment."""
    write_private(path, json.dumps(asdict(deployment)), mode=path.stat().st_mode & 0o777)
