"""A node of ours that tells another chain than the network's, in blocks that count as final."""

from __future__ import annotations

import socket
import time
from typing import Any

from sqlalchemy import select, text
from sqlmodel import col

from app.chain.edge import HALTING
from app.demo.world import World
from app.embedded.ports import LOOPBACK
from app.network.chain import CLIQUE
from app.outbox.models import Incident
from app.outbox.operator import By, acknowledge
from tests.network.control import FaultFailedError, wait
from tests.network.trial import ALL, Trial
from tests.support.scripted_node import scripted_node

FORGED = 20  # blocks below the last one that is final
STANDS = 20.0  # seconds in which nothing may move
_HELD = text("""
    select (select count(*) from chain_log), (select count(*) from chain_block),
      (select count(*) from chain_transaction), (select sum(number) from chain_cursor)
""")


def forged_state(trial: Trial) -> str:
    """In place of rpc-2 somebody answers whose blocks have other hashes: everything stands and
    nothing is deleted until a person has looked; people go on."""
    control, world = trial.control, trial.crowd.world
    first, second = world.parts.settings.chain_rpc_urls
    control.await_agreement(ALL)
    with control.nobody_comes_back():
        control.end("rpc-2")
        port = int(second.rpartition(":")[2])
        wait("the port of rpc-2", lambda: _is_free(port))  # its last thread may hold it for a while
        with scripted_node(first, port) as forger:
            forger.fork = control.head("rpc-1") - CLIQUE.finality_depth - FORGED
            noticed = wait("the alarm", lambda: bool(_alarms(world)))
            time.sleep(5)  # a round that was under way
            before = _held(world)
            trial.crowd.act()
            time.sleep(STANDS)
            if _held(world) != before:
                raise FaultFailedError(f"it went on: {before} became {_held(world)}")
    control.await_agreement(ALL)
    codes = _acknowledge(world)
    settled = trial.crowd.await_settled()
    return (
        f"noticed within {noticed:.0f} s ({', '.join(codes)}); everything stood, nothing was "
        f"deleted; acknowledged by a person, all settled in {settled:.0f} s"
    )


def _is_free(port: int) -> bool:
    """Raises OSError while somebody listens there."""
    with socket.create_server((LOOPBACK, port)):
        return True


def _held(world: World) -> tuple[Any, ...]:
    with world.parts.database.session() as session:
        return tuple(session.execute(_HELD).one())


def _alarms(world: World) -> list[Incident]:
    """What stops everything and waits for somebody to look."""
    with world.parts.database.session() as session:
        waiting = col(Incident.code).in_(HALTING), col(Incident.acknowledged_at).is_(None)
        return list(session.scalars(select(Incident).where(*waiting)))


def _acknowledge(world: World) -> list[str]:
    """As an operator does who has found the forger."""
    found = _alarms(world)
    with world.parts.database.transaction() as session:
        for incident in found:
            acknowledge(session, incident.id, By("trial", "a forger"), world.now(session))
    return sorted({incident.code for incident in found})
