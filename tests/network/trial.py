"""What every fault works with: the network, the people on it, and who is who."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlmodel import col

from app.outbox.models import ChainTransaction, TransactionState
from tests.network.control import Control, FaultFailedError
from tests.network.crowd import Crowd

VALIDATORS = tuple(f"validator-{number}" for number in range(1, 5))
NEW = "candidate-1"
RPC_NODES = ("rpc-1", "rpc-2")
ALL = (*VALIDATORS, NEW, *RPC_NODES)
STALE = 60.0  # seconds for which a node that was left behind goes on answering
QUICK = 15.0  # seconds within which anything is accepted, on a machine that is busy


@dataclass
class Trial:
    """`halt`: seconds that the network stands still when two validators are gone."""

    control: Control
    crowd: Crowd
    halt: float
    copies: Path  # a folder for a node's old state


def handed_over(trial: Trial) -> tuple[str, str]:
    """The RPC node that just took a transaction, and its hash."""
    seen: set[bytes] = set()
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        with trial.crowd.world.parts.database.session() as session:
            query = select(col(ChainTransaction.hash), col(ChainTransaction.state)).where(
                col(ChainTransaction.state).in_(
                    (TransactionState.PREPARED, TransactionState.BROADCAST)
                )
            )
            hashes = {row[0] for row in session.execute(query)} - seen
        for one in hashes:
            for name in RPC_NODES:
                log = (trial.control.home / "log" / f"{name}.log").read_text("utf-8")
                if "0x" + one.hex() in log:
                    return name, "0x" + one.hex()[:8]
        time.sleep(0.02)
    raise FaultFailedError("nothing was sent within a minute")
