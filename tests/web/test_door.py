"""What the door tells in one statement, and that what is remembered of a token grants nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlmodel import col

from app.identity import door
from app.identity import service as identity
from app.identity.door import Count, Entered, Use
from app.identity.mandates import service as mandates
from app.identity.mandates.models import Act
from app.identity.models import IdentityLevel, SignInSession
from app.identity.people import set_email
from app.identity.tokens import token_hash
from app.privacy.consents import give_consent, withdraw_consent
from app.services import Services
from tests.support.mandated import scope

RESEARCH = Use("research", "operator")


@dataclass
class Visitor:
    services: Services
    person: UUID
    token: str
    now: datetime

    def enter(self, use: Use | None = None, count: Count | None = None, *, plain: bool) -> Entered:
        singles, hashed = self.services.database.singles, token_hash(self.token)
        clock = self.services.clock.sql
        _, found = door.enter(
            singles, hashed, clock, count, use=use, code_will_do=False, plain=plain
        )
        assert found is not None
        return found

    def agree(self, whose: UUID, *, yes: bool = True) -> None:
        with self.services.database.transaction() as session:
            change = give_consent if yes else withdraw_consent
            change(session, whose, *RESEARCH, self.now)

    def act_for_somebody(self) -> UUID:
        """In this very session; whom."""
        email = f"{uuid4()}@door.example"
        with self.services.database.transaction() as session:
            level = IdentityLevel.CONTACT
            giver = identity.register_person(session, None, level=level, now=self.now).id
            set_email(session, self.person, email)
            named = scope(self.now, frozenset({Act.SEE}))
            made = mandates.offer(session, giver, email, named, now=self.now)
            mandates.accept(session, made.id, by=self.person, now=self.now)
            mine = col(SignInSession.token_hash) == token_hash(self.token)
            session.execute(update(SignInSession).where(mine).values(mandate_id=made.id))
            return giver


@pytest.fixture
def visitor(services: Services) -> Visitor:
    with services.database.transaction() as session:
        now, level = services.clock.now(session), IdentityLevel.CONTACT
        person = identity.register_person(session, None, level=level, now=now).id
        return Visitor(services, person, identity.open_session(session, person, "api", now), now)


@pytest.mark.parametrize("plain", [True, False])
def test_a_consent_is_told_with_the_session_and_gone_at_the_next(
    visitor: Visitor, plain: bool
) -> None:
    told = [visitor.enter(RESEARCH, plain=plain).agreed]
    visitor.agree(visitor.person)
    told += [visitor.enter(use, plain=plain).agreed for use in (RESEARCH, Use("research", "x"))]
    told.append(visitor.enter(plain=plain).agreed)
    visitor.agree(visitor.person, yes=False)
    told.append(visitor.enter(RESEARCH, plain=plain).agreed)
    assert told == [False, True, False, None, False]


def test_a_route_that_needs_consent_refuses_from_the_very_next_use(
    visitor: Visitor, client: FlaskClient
) -> None:
    headers, answers = {"Authorization": f"Bearer {visitor.token}"}, []
    for change in (None, True, False):
        if change is not None:
            visitor.agree(visitor.person, yes=change)
        answer = client.get("/api/v1/probe/research", headers=headers)
        answers.append((answer.status_code, (answer.get_json(silent=True) or {}).get("code")))
    assert answers == [(403, "consent-missing"), (200, None), (403, "consent-missing")]
    assert client.get("/api/v1/probe/research").status_code == 401


def test_who_was_plain_a_moment_ago_and_now_acts_is_asked_anew_and_counted_once(
    visitor: Visitor,
) -> None:
    """The owner's consent counts then, not the representative's."""
    visitor.agree(visitor.person)
    assert visitor.enter(RESEARCH, plain=True).acting is None
    giver, count = visitor.act_for_somebody(), Count(visitor.person, uuid4().hex, 60)
    found = visitor.enter(RESEARCH, count, plain=True)
    assert found.acting is not None
    assert (found.acting.person_id, found.acting.live) == (giver, True)
    assert (found.counted, found.agreed) == (1, False)
    visitor.agree(giver)
    assert visitor.enter(RESEARCH, count, plain=True).agreed
    assert visitor.enter(count=count, plain=False).counted == 3


def test_another_s_counter_is_left_alone(visitor: Visitor) -> None:
    assert visitor.enter(count=Count(uuid4(), uuid4().hex, 60), plain=True).counted is None
