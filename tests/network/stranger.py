"""A node of nobody's: it has the first block and every address, and no seat."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.keyfiles import ensure_key
from app.network.geth import Nodes, Ports, draw_ports
from app.network.ipc import ask
from app.network.members import Member, Network
from tests.network.control import Control, wait

KNOCKS = 40.0  # seconds: a node dials again after 35


@contextmanager
def knocking(control: Control, folder: Path) -> Iterator[Member]:
    """It dials every member for as long as this lasts."""
    stranger = Member("stranger", folder, folder / "stranger.ipc", None)
    ensure_key(folder, "node")
    members = [*control.members.values(), stranger]
    ports = draw_ports([stranger]) | {
        name: Ports(control.ask(name, "admin_nodeInfo")["ports"]["listener"], 0)
        for name in control.members
    }
    chain_id = Network.of(control.home).chain_id
    nodes = Nodes(chain_id, members, control.home / "network" / "genesis.json", ports)
    command = list(nodes.part(stranger).command())
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(command, env=dict(os.environ), stdout=log, stderr=log) as process,
    ):
        try:
            wait("the stranger's start", lambda: bool(ask(stranger.socket, "net_listening")))
            yield stranger
        finally:
            process.terminate()
            process.wait(60)


def stays_outside(control: Control, folder: Path) -> str:
    """What came of its knocking; empty when it saw a block."""
    with knocking(control, folder) as stranger:
        ends = time.monotonic() + KNOCKS
        while time.monotonic() < ends:
            head = int(ask(stranger.socket, "eth_blockNumber"), 16)
            inside = any(
                stranger.node_id in peer["enode"]
                for name in control.members
                for peer in control.ask(name, "admin_peers")
            )
            if head or inside:
                return ""
            time.sleep(0.5)
    refused = (folder / "log").read_text("utf-8").count("too many peers")
    return f"a node with the first block and all addresses saw none of ours in {KNOCKS:.0f} s" + (
        f", refused {refused} times" if refused else ""
    )
