"""What seeding and the city's life work with: services, the plan, and small habits of both.

Everything here refuses to exist outside a demo.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.domain import attesters_domain
from app.chain import typed
from app.config import ConfigError, Settings
from app.demo.city import City, address
from app.identity import service as identity
from app.identity.models import Organisation
from app.impact.catalogue import Catalogue, catalogue
from app.rewards.models import Programme
from app.services import Services

Say = Callable[[str], None]
PROGRAMME = "simulated-city"
PATIENCE = 120.0
TELLING = 3.0  # seconds of silence after which it says what it waits for


class DemoError(ConfigError):
    """The demo can't go on, or saw something that must not be; one sentence."""


class NotADemoError(DemoError):
    """The simulated city was asked for where real people are."""


class SlowError(DemoError):
    """The workers did not get something done in time."""


def refuse_elsewhere(settings: Settings) -> None:
    """Raises NotADemoError unless everything is embedded and a demo."""
    if not (settings.embedded and settings.demo):
        raise NotADemoError(
            "A simulated city is only for an embedded demo: unset DATABASE_URL, CHAIN_RPC_URLS "
            "and CIVIS_DEMO."
        )


@dataclass
class World:
    """One per process. `tokens` are live sessions of simulated people, by person."""

    parts: Services
    city: City
    say: Say
    catalogue: Catalogue = field(default_factory=catalogue)
    tokens: dict[UUID, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        refuse_elsewhere(self.parts.settings)

    @property
    def domain(self) -> typed.Domain:
        """What attesters' statements are signed for."""
        return attesters_domain(self.parts.settings.deployment_file)

    def now(self, session: Session) -> datetime:
        return self.parts.clock.now(session)

    def person(self, session: Session, local: str) -> UUID:
        """The person of a role address, who must exist."""
        found = identity.person_by_email(session, address(local))
        if found is None:
            raise NotADemoError(f"There is no {address(local)}: run `civis seed` first.")
        return found.id

    def organisation(self, session: Session, slug: str) -> Organisation:
        return identity.organisation_by_slug(session, slug)

    def programme(self, session: Session) -> Programme:
        """The simulated city's, which must exist."""
        found = find_programme(session)
        if found is None:
            raise NotADemoError("There is no simulated city here: run `civis seed` first.")
        return found

    def token(self, person_id: UUID) -> str:
        """A live session's token, opened at first use and committed: the signer looks for it."""
        if person_id not in self.tokens:
            with self.parts.database.transaction() as session:
                now = self.now(session)
                self.tokens[person_id] = identity.open_session(session, person_id, "api", now)
        return self.tokens[person_id]

    def close(self) -> None:
        """Ends the sessions."""
        with self.parts.database.transaction() as session:
            now = self.now(session)
            for token in self.tokens.values():
                found = identity.find_session(session, token, now)
                if found is not None:
                    identity.end_session(session, found.id, now)
        self.tokens.clear()

    def wait(self, what: str, done: Callable[[Session], bool], patience: float = PATIENCE) -> None:
        """Until the workers have done it. Raises SlowError."""
        began, told = time.monotonic(), False
        while True:
            with self.parts.database.session() as session:
                if done(session):
                    return
            waited = time.monotonic() - began
            if waited > TELLING and not told:
                self.say(f"    … {what}")
                told = True
            if waited > patience:
                log = self.parts.settings.home / "log" / "workers.log"
                raise SlowError(f"{what} took more than {patience:.0f} s: see {log}.")
            time.sleep(0.25)


def find_programme(session: Session) -> Programme | None:
    return session.scalar(select(Programme).where(col(Programme.slug) == PROGRAMME))
