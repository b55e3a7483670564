"""A look of the watch at some nodes."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlmodel import col

from app.chain import watching
from app.outbox.models import Incident
from tests.support.chain_world import World
from tests.support.scripted_node import ScriptedNode


def watch(world: World, nodes: tuple[ScriptedNode, ...], low_for: int = 60) -> set[str]:
    """Codes of the incidents that are open after a look."""
    clients = {f"node {number}": world.client_of(one.url) for number, one in enumerate(nodes)}
    watching.run(world.edge, world.fence, clients, timedelta(seconds=low_for))
    with world.services.database.session() as session:
        query = select(col(Incident.code)).where(col(Incident.acknowledged_at).is_(None))
        return set(session.scalars(query))
