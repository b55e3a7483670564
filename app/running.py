"""Where a running embedded system is found: home/run/addresses.json, written by `civis run`.

The file outlives a run that was killed, so it says where the parts are *if* they run.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from app.chain_descriptor import EMBEDDED_CHAIN, ChainDescriptor
from app.keyfiles import write_private


@dataclass(frozen=True)
class Running:
    """Loopback ports of the embedded parts, and what there is to know of the chain.

    `node_port` is of the node that is asked first; the others take over when it fails.
    """

    database_port: int
    node_port: int
    chain_id: int
    other_node_ports: tuple[int, ...] = ()
    chain: ChainDescriptor = EMBEDDED_CHAIN

    @staticmethod
    def missing(home: Path) -> str:
        """What whoever needs it reads when it isn't there."""
        return f"Civis is not running in {home}: start it with `make run` or `civis run`."

    @staticmethod
    def path(home: Path) -> Path:
        return home / "run" / "addresses.json"

    @classmethod
    def read(cls, home: Path) -> Running | None:
        """None when nothing was ever started there, or its last run ended in order."""
        path = cls.path(home)
        if not path.exists():
            return None
        stored = json.loads(path.read_text(encoding="utf-8"))
        stored["other_node_ports"] = tuple(stored["other_node_ports"])
        return cls(**{**stored, "chain": ChainDescriptor(**stored["chain"])})

    @staticmethod
    def rpc_of(running: Running | None) -> tuple[str, ...]:
        if running is None:
            return ()
        ports = (running.node_port, *running.other_node_ports)
        return tuple(f"http://127.0.0.1:{port}" for port in ports)

    @staticmethod
    def chain_of(running: Running | None) -> ChainDescriptor:
        return running.chain if running else EMBEDDED_CHAIN

    def write(self, home: Path) -> None:
        write_private(self.path(home), json.dumps(asdict(self)))

    @classmethod
    def forget(cls, home: Path) -> None:
        cls.path(home).unlink(missing_ok=True)
