"""The city's staff with two operators, and what emergency access leaves behind."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, text, update
from sqlmodel import col

from app.config import DatabaseRole
from app.db import Database
from app.errors import Problem
from app.identity import service as identity
from app.identity.models import IdentityLevel, Role, RoleGrant, SignInSession
from app.mail_models import OutgoingMail
from app.privacy.halt_models import Halt
from app.privacy.service import open_for_service
from app.rights import requests
from app.rights.closing import close
from app.rights.models import RequestKind
from app.services import Services
from tests.support.city import City
from tests.support.office import Office

WHY = "The second officer is on a ship; a purse was stolen"
SAID = {"hours": 4, "reason": WHY}
CITIZEN = "owner@emergency.example"


class Alarmed(Office):
    """The office, with two operators, of whom one is called in the night."""

    def __init__(self, services: Services, client: Any) -> None:
        super().__init__(services, client)
        self.services = services
        owner = services.settings.database_url(DatabaseRole.MIGRATOR)  # ours may neither age
        self.owner = Database(owner, name="tests")  # nor delete any of it
        with services.database.transaction() as session:
            now = services.clock.now(session)
            for who in ("operator", "operator-2"):
                person = identity.register_person(
                    session, self.address(who), level=IdentityLevel.CONTACT, now=now
                ).id
                identity.grant_role(session, person_id=person, role=Role.OPERATOR, now=now)
                self.people[who] = person
                self.tokens[who] = identity.open_session(session, person, "api", now)
            level = IdentityLevel.CONTACT
            citizen = identity.register_person(session, CITIZEN, level=level, now=now)
            self.citizen, self.programme = citizen.id, City(session, now).programme().id
            session.execute(update(SignInSession).values(proved_at=now))

    def forget(self) -> None:
        """As on the first day: nobody ever opened one."""
        with self.owner.transaction() as session:
            for table in ("review", "act", "end", "access"):
                session.execute(text(f"delete from emergency_{table}"))
            session.execute(text("delete from wallet_block"))
            session.execute(delete(Halt))
            session.execute(delete(OutgoingMail))

    def opened(self, who: str = "operator") -> str:
        answer = self.post(who, "/emergencies", SAID)
        assert answer.status_code == 201, answer.text
        return str(answer.get_json()["id"])

    def refused(self, who: str, path: str, body: Any = None) -> str:
        answer = self.post(who, path, body)
        assert answer.status_code >= 400, answer.text
        return str(answer.get_json()["code"])

    def later(self, hours: int) -> None:
        """All of it happened so much earlier: the same as waiting."""
        spans = {"emergency_access": ("opened_at", "until"), "emergency_end": ("at",)}
        spans["wallet_block"] = ("since", "until", "lifted_at")
        with self.owner.transaction() as session:
            for table, columns in spans.items():
                earlier = ", ".join(f"{one} = {one} - :span" for one in columns)
                session.execute(
                    text(f"update {table} set {earlier}"), {"span": timedelta(hours=hours)}
                )

    def left(self, who: str) -> str:
        """Why somebody, without a role by now, can't close their account; undone afterwards."""
        with self.services.database.session() as session:
            now = self.services.clock.now(session)
            theirs = update(RoleGrant).where(col(RoleGrant.person_id) == self.people[who])
            session.execute(theirs.values(valid_until=now - timedelta(seconds=1)))
            letters = self.services.settings.mail
            try:
                close(session, self.people[who], gift=None, letters=letters, now=now)
            except Problem as problem:
                return problem.code
            finally:
                session.rollback()
        return ""

    def letters(self, subject: str) -> list[str]:
        with self.services.database.session() as session:
            rows = session.scalars(select(OutgoingMail)).all()
            read = [
                json.loads(open_for_service(session, "mail", row.sealed, row.id.bytes))
                for row in rows
            ]
        return [
            one["to"] for one in read if subject in one["subject"] and "operator@" in one["text"]
        ]

    def count(self, what: Any) -> int:
        with self.services.database.session() as session:
            return session.scalar(select(func.count()).select_from(what)) or 0

    def request(self, *, late: bool) -> UUID:
        """Of the citizen's, to have something corrected."""
        with self.services.database.transaction() as session:
            now = self.services.clock.now(session) - timedelta(days=60 if late else 1)
            kind = RequestKind.RECTIFICATION
            return requests.ask(session, self.citizen, kind, text="A word", now=now).id
