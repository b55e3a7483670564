"""A fresh node for a test module: mining at once, or as the embedded system does."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.embedded.anvil import OPTIONS, Anvil, program
from app.embedded.home import locked_home
from app.embedded.ports import LOOPBACK, free_port
from app.embedded.rpc import Rpc, node_answers
from app.embedded.supervisor import Part, Supervisor
from app.running import Running

STATES_KEPT = 256  # blocks whose state the node still has


@dataclass(frozen=True)
class Node:
    """`rpc(method, *params)`; the node's process is `supervisor.pid("anvil")`."""

    url: str
    chain_id: int
    rpc: Rpc
    supervisor: Supervisor


@contextmanager
def running_anvil(home: Path, *, block_seconds: int | None = None) -> Iterator[Node]:
    """An empty chain in memory; without `block_seconds` each transaction makes its block."""
    home.mkdir(parents=True, exist_ok=True)
    port, chain_id = free_port(), 1_999_999_999
    command = [str(program()), "--port", str(port), "--host", LOOPBACK, "--no-cors", "--quiet"]
    command += ["--chain-id", str(chain_id), "--prune-history", str(STATES_KEPT), *OPTIONS]
    command += [] if block_seconds is None else ["--block-time", str(block_seconds)]
    part = Part("anvil", lambda: command, lambda: node_answers(port, chain_id), {"HOME": str(home)})
    supervisor = Supervisor(home)
    try:
        supervisor.start(part)
        with Rpc(port) as rpc:
            yield Node(f"http://{LOOPBACK}:{port}", chain_id, rpc, supervisor)
    finally:
        supervisor.stop()


@contextmanager
def stored_chain(home: Path) -> Iterator[Node]:
    """The chain of `home` as `civis run` keeps it: blocks by the maker, stored, loaded again."""
    supervisor = Supervisor(home)
    with locked_home(home):
        try:
            node = Anvil(home)
            Running(0, node.port, node.chain_id).write(home)
            supervisor.start(node.part())
            blocks = [sys.executable, "-m", "app.embedded.blocks", str(home)]
            supervisor.start(
                Part("blocks", lambda: blocks, environ={"PYTHONPATH": str(Path.cwd())})
            )
            with Rpc(node.port) as rpc:
                yield Node(node.url, node.chain_id, rpc, supervisor)
        finally:
            supervisor.stop()
