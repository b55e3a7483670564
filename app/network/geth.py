"""How each member's node is started: geth, peers by name only, no price, all state kept.

Validators answer on their own socket alone.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.embedded.errors import EmbeddedError
from app.embedded.ports import LOOPBACK, free_port
from app.embedded.rpc import RpcError, node_answers
from app.embedded.supervisor import Part
from app.keyfiles import write_private
from app.network.genesis import GAS_LIMIT
from app.network.ipc import ask
from app.network.members import Member

BUILT = Path(__file__).parents[2] / "build" / "network"
LONGEST_SOCKET = 100  # bytes of a path that a socket can have, less what geth adds


@dataclass(frozen=True)
class Ports:
    """Of one member; `rpc` where it answers us, for the nodes that do."""

    peers: int
    rpc: int


@dataclass(frozen=True)
class Nodes:
    """All members of this start; `ports` by member's name."""

    chain_id: int
    members: Sequence[Member]
    genesis: Path
    ports: Mapping[str, Ports]

    def part(self, member: Member) -> Part:
        """How the supervisor runs it; what it must find is written at each start."""
        return Part(
            name=member.name,
            command=lambda: self._command(member),
            ready=self._ready(member),
            environ={"HOME": str(member.folder), "PATH": os.environ.get("PATH", "/usr/bin:/bin")},
            grace_seconds=20.0,
        )

    def enode(self, member: Member) -> str:
        """Its address for other members."""
        return f"enode://{member.node_id}@{LOOPBACK}:{self.ports[member.name].peers}?discport=0"

    def _ready(self, member: Member) -> Callable[[], bool]:
        if member.address is None:
            port = self.ports[member.name].rpc
            return lambda: node_answers(port, self.chain_id)
        return lambda: answers(member)

    def _command(self, member: Member) -> list[str]:
        _check_socket(member.socket)
        member.write_keys()
        self._write_peers(member)
        data = member.folder / "data"
        if not (data / "geth" / "chaindata").exists():
            _initialise(member, self.genesis)
        return [
            *(
                str(program()),
                "--datadir",
                str(data),
                "--config",
                str(member.folder / "peers.toml"),
            ),
            *("--networkid", str(self.chain_id), "--port", str(self.ports[member.name].peers)),
            *("--ipcpath", str(member.socket), "--authrpc.port", "0", "--nat", "none"),
            *("--syncmode", "full", "--gcmode", "archive", "--state.scheme", "hash"),
            *("--cache", "64", "--rpc.txfeecap", "0", "--miner.gaslimit", str(GAS_LIMIT)),
            *(self._sealing(member) if member.address else self._answering(member)),
        ]

    def _sealing(self, member: Member) -> list[str]:
        return [
            *("--mine", "--miner.etherbase", str(member.address), "--unlock", str(member.address)),
            *("--password", str(member.folder / "keys" / "password")),
        ]

    def _answering(self, member: Member) -> list[str]:
        return [
            *("--http", "--http.addr", LOOPBACK, "--http.port", str(self.ports[member.name].rpc)),
            *("--http.api", "eth,net,web3"),
        ]

    def _write_peers(self, member: Member) -> None:
        others = [self.enode(other) for other in self.members if other != member]
        lines = [
            "[Node.P2P]",
            "NoDiscovery = true",
            f"MaxPeers = {len(others)}",
            "DialRatio = 1",
            'NetRestrict = ["127.0.0.0/8"]',
            f"StaticNodes = {json.dumps(others)}",
            f"TrustedNodes = {json.dumps(others)}",
        ]
        write_private(member.folder / "peers.toml", "\n".join(lines) + "\n")


def draw_ports(members: Sequence[Member]) -> dict[str, Ports]:
    """Free ones, each for one member."""
    drawn: set[int] = set()
    while len(drawn) < 2 * len(members):
        drawn.add(free_port())
    numbers = iter(drawn)
    return {member.name: Ports(next(numbers), next(numbers)) for member in members}


def answers(member: Member) -> bool:
    """Whether its node is there."""
    try:
        return bool(ask(member.socket, "net_listening"))
    except (OSError, RpcError):
        return False


def program() -> Path:
    """geth, as `make network` builds it. Raises EmbeddedError when it is missing."""
    found = Path(os.environ.get("CIVIS_GETH") or BUILT / "bin" / "geth")
    if not os.access(found, os.X_OK):
        raise EmbeddedError(f"There is no geth at {found}: run `make network`, which builds it.")
    return found


def contracts() -> Path:
    """The artifacts for an EVM before Cancun. Raises EmbeddedError when they are missing."""
    folder = Path(os.environ.get("CIVIS_NETWORK_CONTRACTS") or BUILT / "contracts")
    if not (folder / "abi" / "Anchor.json").exists():
        raise EmbeddedError(f"There are no contracts in {folder}: run `make network`.")
    return folder


def _initialise(member: Member, genesis: Path) -> None:
    """Writes the first block. Raises EmbeddedError."""
    data = str(member.folder / "data")
    command = [str(program()), "init", "--datadir", data, "--state.scheme", "hash", str(genesis)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise EmbeddedError(f"{member.name}: geth refused the first block: {done.stderr[-300:]}")


def _check_socket(path: Path) -> None:
    if len(os.fsencode(path)) > LONGEST_SOCKET:
        raise EmbeddedError(
            f"{path} is too long for a socket: set a CIVIS_HOME nearer to the root."
        )
