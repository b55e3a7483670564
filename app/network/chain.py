"""The network as the chain of an embedded system."""

from __future__ import annotations

import json

from app.chain_descriptor import ChainDescriptor
from app.config import Settings
from app.embedded.chain import Chain
from app.embedded.errors import EmbeddedError
from app.embedded.parts import environ
from app.keyfiles import write_private
from app.network import no_price
from app.network.genesis import PERIOD, genesis
from app.network.geth import Nodes, contracts, draw_ports, program
from app.network.members import Network

# Clique forks: with four validators two sides of a cut network make two blocks each at most, since
# nobody seals two of three in a row. One more than there are validators is what we wait for.
CLIQUE = ChainDescriptor(5, PERIOD, 5_000, long_extra_data=True)


def network_chain(settings: Settings, *, candidates: int = 0) -> Chain:
    """Four validators and two nodes that answer, on ports drawn for this start.

    Raises EmbeddedError when geth or the contracts for it were not built, or this home has
    begun on another chain.
    """
    program()
    if (settings.home / "chain" / "genesis.json").exists():
        raise EmbeddedError(
            f"{settings.home} began on the embedded chain: go on with `make run`, or type "
            "`CIVIS_HOME=.civis-network make network`."
        )
    network = Network.of(settings.home, candidates=candidates)
    members = network.members(settings.home)
    addresses = [member.address for member in members if member.address]
    file = settings.home / "network" / "genesis.json"
    if not file.exists():
        first = genesis(network.chain_id, network.born, addresses[: network.validators])
        write_private(file, json.dumps(first, indent=1))
    nodes = Nodes(network.chain_id, members, file, draw_ports(members))
    return Chain(
        nodes=[nodes.part(member) for member in members],
        node_ports=[nodes.ports[member.name].rpc for member in members if member.address is None],
        chain_id=network.chain_id,
        descriptor=CLIQUE,
        contracts=contracts(),
        makers=[no_price.part([member.socket for member in members], environ(settings))],
    )
