"""What an embedded system needs of a chain, and the one it has unless told otherwise: Anvil."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.chain_descriptor import EMBEDDED_CHAIN, ChainDescriptor
from app.config import Settings
from app.embedded import parts
from app.embedded.anvil import CONTRACTS, Anvil
from app.embedded.errors import EmbeddedError
from app.embedded.supervisor import Part


@dataclass(frozen=True)
class Chain:
    """`nodes` start first; `makers`, which need the nodes' addresses, when those are written.

    `node_ports`: of the nodes that answer us, the one that is asked first before the others.
    `contracts`: the folder with the artifacts for this chain's EVM.
    """

    nodes: Sequence[Part]
    node_ports: Sequence[int]
    chain_id: int
    descriptor: ChainDescriptor = EMBEDDED_CHAIN
    contracts: Path = CONTRACTS
    makers: Sequence[Part] = ()


def anvil_chain(settings: Settings) -> Chain:
    """One node whose blocks a process of ours makes and stores. Raises EmbeddedError."""
    if (settings.home / "network").exists():
        raise EmbeddedError(
            f"{settings.home} began on a network of validators: go on with `make network`, or "
            "set another CIVIS_HOME."
        )
    anvil = Anvil(settings.home)
    return Chain([anvil.part()], [anvil.port], anvil.chain_id, makers=[parts.blocks(settings)])
