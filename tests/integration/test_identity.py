"""Signing in, roles and organisations, on a real database."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlmodel import col

from app.errors import CONSTRAINTS, Problem
from app.identity import service as identity
from app.identity.models import (
    IdentityLevel,
    OrganisationKind,
    Person,
    Role,
    RoleGrant,
    SignInCode,
    SignInSession,
)
from app.mail_models import OutgoingMail
from app.privacy.service import Actor, open_for_service

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
EMAIL = "citizen-1@demo.example"


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(Problem) as caught:
        call()
    return caught.value.code


def mailed_code(db: Session) -> str:
    """The six digits of the newest letter."""
    newest = select(OutgoingMail).order_by(col(OutgoingMail.id).desc()).limit(1)
    row = db.scalars(newest).one()
    letter = json.loads(open_for_service(db, "mail", row.sealed, row.id.bytes))
    return str(letter["subject"][-6:])


def sign_in(db: Session, email: str = EMAIL, now: datetime = NOW) -> str:
    asked = identity.request_sign_in(db, email, "en", now)
    return identity.finish_sign_in(db, email, mailed_code(db), "browser", now, challenge=asked)


def person(db: Session, number: int) -> UUID:
    email = f"person-{number}@demo.example"
    level = IdentityLevel.CONTACT
    return identity.register_person(db, email, level=level, now=NOW).id


def test_the_first_right_code_makes_the_person_and_later_ones_find_them(db: Session) -> None:
    asked = identity.request_sign_in(db, EMAIL, "en", NOW)
    assert identity.person_by_email(db, EMAIL) is None
    typed, code = " Citizen-1@Demo.example ", mailed_code(db)
    token = identity.finish_sign_in(db, typed, code, "api", NOW, challenge=asked)
    found = identity.find_session(db, token, NOW)
    assert found is not None
    made = db.get_one(Person, found.person_id)
    assert made.identity_level is IdentityLevel.CONTACT
    assert identity.find_session(db, sign_in(db), NOW).person_id == made.id  # type: ignore[union-attr]
    actor = Actor.subject(made.id)
    assert identity.email_of(db, made.id, purpose="own_data", actor=actor) == EMAIL


def test_neither_address_nor_token_nor_code_is_stored_in_clear(db: Session) -> None:
    token = sign_in(db)
    stored = db.scalars(select(col(SignInSession.token_hash))).all()
    assert token.encode() not in stored
    address = db.scalars(select(col(Person.email_sealed))).one()
    assert address is not None
    assert EMAIL.encode() not in address
    assert all(len(code) == 32 for code in db.scalars(select(col(SignInCode.code_hash))))


def test_a_code_works_once(db: Session) -> None:
    asked = identity.request_sign_in(db, EMAIL, "fr", NOW)
    code = mailed_code(db)
    identity.finish_sign_in(db, EMAIL, code, "browser", NOW, challenge=asked)
    again = code_of(
        lambda: identity.finish_sign_in(db, EMAIL, code, "browser", NOW, challenge=asked)
    )
    assert again == "sign-in-code-wrong"


def test_five_wrong_tries_end_a_code_even_for_the_right_one(db: Session) -> None:
    asked = identity.request_sign_in(db, EMAIL, "fr", NOW)
    code = mailed_code(db)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(5):
        with pytest.raises(Problem) as caught:
            identity.finish_sign_in(db, EMAIL, wrong, "browser", NOW, challenge=asked)
        assert caught.value.keep
    late = code_of(
        lambda: identity.finish_sign_in(db, EMAIL, code, "browser", NOW, challenge=asked)
    )
    assert late == "sign-in-code-wrong"


@pytest.mark.parametrize(("minutes", "works"), [(9, True), (10, False)])
def test_a_code_lives_ten_minutes(db: Session, minutes: int, works: bool) -> None:
    asked = identity.request_sign_in(db, EMAIL, "fr", NOW)
    code, then = mailed_code(db), NOW + timedelta(minutes=minutes)
    if works:
        assert identity.finish_sign_in(db, EMAIL, code, "browser", then, challenge=asked)
    else:
        with pytest.raises(Problem, match="sign-in-code-wrong"):
            identity.finish_sign_in(db, EMAIL, code, "browser", then, challenge=asked)


def test_known_and_unknown_addresses_leave_the_same_traces(db: Session) -> None:
    person(db, 1)

    def traces(email: str) -> list[int]:
        before = _counts(db)
        identity.request_sign_in(db, email, "fr", NOW)
        return [after - past for past, after in zip(before, _counts(db), strict=True)]

    assert traces("person-1@demo.example") == traces("nobody@demo.example") == [1, 1, 0]


def _counts(db: Session) -> list[int]:
    tables = (SignInCode, OutgoingMail, Person)
    return [db.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def test_codes_are_limited_per_hour(db: Session) -> None:
    for _ in range(6):
        identity.request_sign_in(db, EMAIL, "fr", NOW)
    with pytest.raises(Problem, match="sign-in-too-many-codes") as caught:
        identity.request_sign_in(db, EMAIL, "fr", NOW)
    assert caught.value.keep
    identity.request_sign_in(db, EMAIL, "fr", NOW + timedelta(hours=1))


@pytest.mark.parametrize("email", ["", "x", "a b@demo.example", "a@b", "a" * 250 + "@b.example"])
def test_what_is_no_address_is_refused(db: Session, email: str) -> None:
    assert code_of(lambda: identity.request_sign_in(db, email, "fr", NOW)) == "email-invalid"


def test_a_session_ends_by_sign_out_and_by_time(db: Session) -> None:
    token = sign_in(db)
    assert identity.find_session(db, token, NOW + timedelta(days=8)) is None
    live = identity.find_session(db, token, NOW)
    assert live is not None
    identity.end_session(db, live.id, NOW)
    assert identity.find_session(db, token, NOW) is None
    assert identity.find_session(db, "guess", NOW) is None


def test_a_closed_person_is_forgotten(db: Session) -> None:
    token = sign_in(db)
    live = identity.find_session(db, token, NOW)
    assert live is not None
    identity.presence_secret(db, live.person_id, NOW)
    identity.close_person(db, live.person_id, NOW)
    assert identity.find_session(db, token, NOW) is None
    assert identity.person_by_email(db, EMAIL) is None
    own = Actor.subject(live.person_id)
    assert identity.email_of(db, live.person_id, purpose="own_data", actor=own) is None


def officer(db: Session, number: int) -> UUID:
    made = person(db, number)
    identity.grant_role(db, person_id=made, role=Role.OFFICER, now=NOW)
    return made


def test_a_staff_role_counts_only_after_a_second_person(db: Session) -> None:
    first, second, newcomer = officer(db, 1), officer(db, 2), person(db, 3)
    grant = identity.grant_role(db, person_id=newcomer, role=Role.TREASURER, now=NOW, by=first)
    assert Role.TREASURER not in identity.roles_of(db, newcomer, NOW)
    for same in (first, newcomer):
        refusal = code_of(lambda same=same: identity.confirm_role(db, grant.id, by=same, now=NOW))  # type: ignore[misc]
        assert refusal == "role-second-person"
    assert [waiting.id for waiting in identity.grants_to_confirm(db, NOW)] == [grant.id]
    identity.confirm_role(db, grant.id, by=second, now=NOW)
    assert Role.TREASURER in identity.roles_of(db, newcomer, NOW)
    assert identity.grants_to_confirm(db, NOW) == []


def test_nobody_gives_themselves_a_role(db: Session) -> None:
    boss = officer(db, 1)
    refusal = code_of(
        lambda: identity.grant_role(db, person_id=boss, role=Role.AUDITOR, now=NOW, by=boss)
    )
    assert refusal == "role-for-oneself"
    db.add(RoleGrant(person_id=boss, role=Role.AUDITOR, valid_from=NOW, granted_by=boss))
    with pytest.raises(IntegrityError) as caught:
        db.flush()
    name = caught.value.orig.diag.constraint_name  # type: ignore[union-attr]
    assert CONSTRAINTS[name] == "role-for-oneself"


def test_a_citizen_gives_no_roles_and_an_administrator_only_their_own_clerks(db: Session) -> None:
    centre, other = (
        identity.create_organisation(
            db, slug=slug, kind=OrganisationKind.ATTESTER, name=slug, now=NOW
        ).id
        for slug in ("centre", "other")
    )
    clerk, admin = person(db, 1), person(db, 2)

    def give(role: Role, organisation_id: UUID | None) -> RoleGrant:
        return identity.grant_role(
            db, person_id=clerk, role=role, now=NOW, by=admin, organisation_id=organisation_id
        )

    assert code_of(lambda: give(Role.ATTESTER, centre)) == "role-not-yours-to-give"
    identity.grant_role(
        db, person_id=admin, role=Role.ATTESTER_ADMIN, now=NOW, organisation_id=centre
    )
    grant = give(Role.ATTESTER, centre)
    assert identity.roles_of(db, clerk, NOW)[Role.ATTESTER] == {centre}
    assert code_of(lambda: give(Role.ATTESTER, other)) == "role-not-yours-to-give"
    assert code_of(lambda: give(Role.MERCHANT, centre)) == "role-not-yours-to-give"
    assert code_of(lambda: give(Role.ATTESTER, None)) == "role-organisation"
    identity.end_role(db, grant.id, by=admin, now=NOW)
    assert Role.ATTESTER not in identity.roles_of(db, clerk, NOW)


def test_roles_have_dates(db: Session) -> None:
    made = person(db, 1)
    tomorrow = NOW + timedelta(days=1)
    identity.grant_role(db, person_id=made, role=Role.OPERATOR, now=NOW, valid_until=tomorrow)
    assert Role.OPERATOR in identity.roles_of(db, made, NOW)
    assert Role.OPERATOR not in identity.roles_of(db, made, tomorrow)
    assert Role.OPERATOR not in identity.roles_of(db, made, NOW - timedelta(seconds=1))
    assert Role.CITIZEN in identity.roles_of(db, made, tomorrow)
