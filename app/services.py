"""What web, workers and commands all need: settings, database, clock, keys, the signer.

    parts = connect(settings)                      # in a worker or command
    with parts.database.transaction() as session:
        now = parts.clock.now(session)

No flask here. Opens no connection by itself; each process calls it once, after forking.
"""

from __future__ import annotations

from dataclasses import dataclass

import app.error_catalogue  # noqa: F401 - problems are raised outside the web too
from app.chain.signer import SignerClient
from app.clock import Clock
from app.clock import attach as attach_clock
from app.config import DatabaseRole, Settings
from app.db import Database
from app.doors import DoorsShutError, check_doors
from app.doors import attach as attach_doors
from app.journal import Journal
from app.journal import attach as attach_journal
from app.privacy.keys import Keyring, attach


@dataclass(frozen=True)
class Services:
    """One per process. Sessions of `database` carry the keyring, see app.privacy.keys."""

    settings: Settings
    database: Database
    clock: Clock
    keyring: Keyring
    signer: SignerClient


def connect(
    settings: Settings, *, role: DatabaseRole = DatabaseRole.APP, name: str = "civis"
) -> Services:
    """The services of one database role; `name` is what PostgreSQL shows for its connections."""
    database = Database(settings.database_url(role), name=name)
    keyring = Keyring(settings.home, settings.key_keeping)
    clock = Clock(movable=settings.demo, zone=settings.time_zone)
    attach(database, keyring)
    attach_clock(database, clock)
    attach_doors(database)
    attach_journal(database, Journal(settings.kept.journal))
    return Services(settings, database, clock, keyring, SignerClient.of(settings))


def connect_to_change(
    settings: Settings, *, role: DatabaseRole = DatabaseRole.APP, name: str = "civis"
) -> Services:
    """For a command that changes something. Raises DoorsShutError while a restore is under way."""
    parts = connect(settings, role=role, name=name)
    try:
        with parts.database.session() as session:
            check_doors(session)
    except DoorsShutError:
        parts.database.dispose()
        raise
    return parts
