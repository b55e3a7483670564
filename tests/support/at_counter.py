"""Somebody with a card before an officer, as the officer's browser sees it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlmodel import col
from werkzeug.test import TestResponse

from app.identity.models import Person, SignInSession
from app.identity.tokens import token_hash
from app.privacy.consents import consents_of, events_of
from app.privacy.halts import open_halts
from app.privacy.service import accesses_of
from app.rights.models import RightsRequest, RightsStep
from app.services import Services
from tests.web.test_forms_again import send


@dataclass
class AtCounter:
    """`visit`: the path of the visit; `token`: the officer's."""

    services: Services
    browser: FlaskClient
    token: str
    visit: str
    person: UUID

    @property
    def officer(self) -> UUID:
        with self.services.database.session() as session:
            own = select(SignInSession).where(col(SignInSession.token_hash) == _hash(self.token))
            return session.scalars(own).one().person_id

    def read(self, status: int = 200) -> str:
        answer = self.browser.get(f"{self.visit}/rights?lang=en")
        assert answer.status_code == status, answer.text
        return answer.text

    def press(self, act: str, status: int = 303, /, **fields: str) -> str:
        """What the officer's form is answered, in English."""
        found, page, _ = send(self.browser, f"{self.visit}/rights/{act}", **fields)
        assert found == status, page
        return page

    def export(self) -> TestResponse:
        page = self.browser.get("/counter").text
        token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
        return self.browser.post(f"{self.visit}/rights/export", data={"csrf_token": token})

    def prove(self, *, fresh: bool = True) -> None:
        """The officer has just shown that it is them, or did so long ago."""
        with self.services.database.transaction() as session:
            now = self.services.clock.now(session)
            own = update(SignInSession).where(col(SignInSession.token_hash) == _hash(self.token))
            session.execute(own.values(proved_at=now if fresh else None))

    def looks(self) -> Counter[str]:
        """How often an officer opened what, as the person's log has it."""
        with self.services.database.session() as session:
            found = accesses_of(session, self.person, 1000)
            return Counter(one.resource for one in found if one.actor_role == "officer")

    def row(self) -> Person:
        with self.services.database.session() as session:
            return session.get_one(Person, self.person)

    def consent_steps(self, purpose: str) -> list[tuple[str, str]]:
        with self.services.database.session() as session:
            return [
                (event.state.value, event.by)
                for consent in reversed(consents_of(session, self.person))
                if consent.purpose == purpose
                for event in events_of(session, consent.id)
            ]

    def journal(self) -> list[tuple[str, str, UUID | None]]:
        """Kind, step and by whom, of all that was asked."""
        query = (
            select(col(RightsRequest.kind), col(RightsStep.what), col(RightsStep.by_person))
            .join(RightsRequest, col(RightsRequest.id) == col(RightsStep.request_id))
            .where(col(RightsRequest.person_id) == self.person, col(RightsStep.what) != "read")
            .order_by(col(RightsStep.id))
        )
        with self.services.database.session() as session:
            return [(kind.value, what, by) for kind, what, by in session.execute(query)]

    def request_ids(self) -> list[UUID]:
        own = select(col(RightsRequest.id)).where(col(RightsRequest.person_id) == self.person)
        with self.services.database.session() as session:
            return list(session.scalars(own.order_by(col(RightsRequest.id))))

    def halted(self) -> list[str | None]:
        with self.services.database.session() as session:
            return [one.purpose for one in open_halts(session, self.person)]


def _hash(token: str) -> bytes:
    return token_hash(token)
