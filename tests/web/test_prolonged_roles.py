"""A role that is held is prolonged by two, before it ends, and its holder never lacks it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import col

from app import journal
from app.context import Application
from app.identity import service as identity
from app.identity.models import IdentityLevel, Role, RoleGrant
from app.journal import Journal
from app.services import Services
from tests.support.office import Office


@pytest.fixture
def office(services: Services, application: Application) -> Iterator[Office]:
    with application.test_client() as client:
        yield Office(services, client)


def _in(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


def _answer(office: Office, proposal: Any, what: str = "confirmation", who: str = "other") -> Any:
    return office.post(who, f"/proposals/{proposal['id']}/{what}")


def _give(office: Office, days: int) -> None:
    proposal = office.propose(valid_until=_in(days)).get_json()
    assert _answer(office, proposal).status_code == 200


def _holds(services: Services, office: Office) -> bool:
    """The role at this test's organisation; the person works for others' too."""
    with services.database.session() as session:
        held = identity.roles_of(session, office.people["new"], services.clock.now(session))
    return UUID(office.depot) in held.get(Role.ATTESTER, frozenset())


def _grants(services: Services, office: Office, who: str = "new") -> list[RoleGrant]:
    """Oldest first; of this test's organisation alone."""
    with services.database.session() as session:
        found = select(RoleGrant).where(
            col(RoleGrant.person_id) == office.people[who],
            col(RoleGrant.organisation_id) == UUID(office.depot),
        )
        return list(session.scalars(found.order_by(col(RoleGrant.id))))


def test_it_goes_on_until_the_second_officer_prolongs_it(
    office: Office, services: Services
) -> None:
    _give(office, 30)
    proposed = office.propose("other", valid_until=_in(400))
    assert proposed.status_code == 201
    [held] = _grants(services, office)
    assert held.valid_until is not None
    assert held.valid_until > datetime.now(UTC) + timedelta(days=29), "nothing has happened yet"
    assert _answer(office, proposed.get_json()).get_json()["code"] == "another-must-confirm"
    assert _answer(office, proposed.get_json(), who="one").status_code == 200
    assert _holds(services, office)
    old, new = _grants(services, office)
    assert old.id == held.id
    assert old.valid_until == new.valid_from, "no instant lies between them"
    assert (new.granted_by, new.confirmed_by) == (office.people["other"], office.people["one"])
    assert (old.granted_by, old.confirmed_by) == (office.people["one"], office.people["other"])
    with services.database.session() as session:
        for at in (new.valid_from - timedelta(microseconds=1), new.valid_from):
            held_at = identity.roles_of(session, office.people["new"], at)
            assert held_at[Role.ATTESTER] == {UUID(office.depot)}
    listed = [g["id"] for g in office.get("auditor", "/roles")["items"]]
    assert str(new.id) in listed
    assert str(old.id) not in listed


@pytest.mark.parametrize("days", [1, 30])
def test_no_later_day_is_no_prolongation(office: Office, services: Services, days: int) -> None:
    _give(office, 30)
    [held] = _grants(services, office)
    assert held.valid_until is not None
    until = held.valid_until.isoformat() if days == 30 else _in(days)
    assert office.propose(valid_until=until).get_json()["code"] == "role-held"


def test_what_has_no_end_cannot_be_prolonged(office: Office) -> None:
    answer = office.propose(
        email=office.address("auditor"),
        role="auditor",
        organisation_id=None,
        valid_until=_in(400),
    )
    assert answer.get_json()["code"] == "role-held"


def test_what_became_no_prolongation_is_not_confirmed(office: Office, services: Services) -> None:
    """Here the installation has given a longer one meanwhile."""
    _give(office, 30)
    proposal = office.propose(valid_until=_in(60)).get_json()
    with services.database.transaction() as session:
        identity.grant_role(
            session,
            person_id=office.people["new"],
            role=Role.ATTESTER,
            organisation_id=UUID(office.depot),
            now=services.clock.now(session),
        )
    assert _answer(office, proposal).get_json()["code"] == "role-held"


def test_a_role_that_was_ended_is_not_prolonged_back(office: Office, services: Services) -> None:
    _give(office, 30)
    proposal = office.propose(valid_until=_in(400)).get_json()
    [held] = _grants(services, office)
    assert office.post("other", f"/roles/{held.id}/end").status_code == 200
    assert _answer(office, proposal).get_json()["code"] == "role-ended-since"
    assert not _holds(services, office)
    assert _answer(office, proposal, "rejection").status_code == 200
    _give(office, 400)  # as a role that is new
    assert _holds(services, office)


def test_one_that_ended_by_itself_meanwhile_begins_anew(office: Office, services: Services) -> None:
    _give(office, 30)
    proposal = office.propose(valid_until=_in(400)).get_json()
    with services.database.transaction() as session:
        services.clock.move(session, days=31)
    try:
        # The sessions of that time are over.
        with services.database.transaction() as session:
            now = services.clock.now(session)
            for who in ("new", "other"):
                office.tokens[who] = identity.open_session(session, office.people[who], "api", now)
        assert not _holds(services, office)
        assert _answer(office, proposal).status_code == 200
        assert _holds(services, office)
    finally:
        with services.database.transaction() as session:
            services.clock.move(session, days=-31)


def test_nobody_prolongs_their_own_and_it_takes_two_others(
    office: Office, services: Services
) -> None:
    with services.database.transaction() as session:
        now = services.clock.now(session)
        third = identity.register_person(
            session, "third@city.example", level=IdentityLevel.CONTACT, now=now
        ).id
        identity.grant_role(
            session,
            person_id=third,
            role=Role.OFFICER,
            now=now,
            valid_until=now + timedelta(days=30),
        )
        office.people["third"] = third
        office.tokens["third"] = identity.open_session(session, third, "api", now)
    asked = {"email": "third@city.example", "role": "officer", "organisation_id": None}
    asked["valid_until"] = _in(400)
    assert office.propose("third", **asked).get_json()["code"] == "role-for-oneself"
    proposal = office.propose(**asked).get_json()
    own = _answer(office, proposal, who="third")
    assert own.get_json()["code"] == "role-second-person"
    assert _answer(office, proposal).status_code == 200
    assert "officer" in office.held("third")


def test_an_end_reaches_what_it_was_prolonged_from(office: Office, services: Services) -> None:
    """A backup may know that one alone, with its old end."""
    _give(office, 30)
    proposal = office.propose(valid_until=_in(400)).get_json()
    assert _answer(office, proposal).status_code == 200
    old, new = _grants(services, office)
    kept = Journal(services.settings.kept.journal)
    ended = [one.ids["grant"] for one in kept.read().entries if one.kind == journal.ROLE_ENDED]
    assert str(old.id) not in ended, "it goes on"
    assert office.post("other", f"/roles/{new.id}/end").status_code == 200
    ended = [one.ids["grant"] for one in kept.read().entries if one.kind == journal.ROLE_ENDED]
    assert {str(old.id), str(new.id)} <= set(ended)
