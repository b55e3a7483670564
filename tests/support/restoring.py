"""A database as a backup found it, put in the place of one that was lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import make_url

from app.config import DatabaseRole
from app.doors import shut_doors
from app.services import Services, connect
from tests.support.chain_world import World
from tests.support.postgres import Cluster


@contextmanager
def backed_up(cluster: Cluster, services: Services) -> Iterator[str]:
    """A copy of the database as it is now: what base backup and archived log would give."""
    services.database.dispose()
    name = make_url(services.settings.database_urls[DatabaseRole.APP]).database
    assert name is not None
    with cluster.fresh(template=name) as copy:
        yield copy


@contextmanager
def restored(cluster: Cluster, world: World, copy: str) -> Iterator[Services]:
    """The same home and chain, with the copy for a database, its doors shut."""
    settings = replace(world.services.settings, database_urls=cluster.urls(copy))
    parts = connect(settings, name="restored")
    world.services.database.dispose()
    world.services = parts
    world.edge = replace(world.edge, database=parts.database, clock=parts.clock)
    with parts.database.transaction() as session:
        shut_doors(session, "copy", parts.clock.now(session))
    try:
        yield parts
    finally:
        parts.database.dispose()
