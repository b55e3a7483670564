"""Who decides about deeds and money brings neither: every pair of roles, in both orders."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from app.errors import Problem
from app.identity import service as identity
from app.identity.models import IdentityLevel, OrganisationKind, Role
from app.identity.roles import OF_AN_ORGANISATION

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
STAFF = {Role.OFFICER, Role.TREASURER, Role.AUDITOR}
AT_WORK = {Role.ATTESTER, Role.ATTESTER_ADMIN, Role.MERCHANT}
APART = (
    {frozenset({one, other}) for one in STAFF for other in AT_WORK}
    | {frozenset({Role.OFFICER, Role.TREASURER})}
    | {frozenset({Role.AUDITOR, other}) for other in Role}
)
PAIRS = [pair for pair in permutations(Role, 2) if Role.CITIZEN not in pair]


@pytest.fixture
def body(db: Session) -> UUID:
    kind = OrganisationKind.ATTESTER
    return identity.create_organisation(db, slug="body", kind=kind, name="Body", now=NOW).id


@pytest.mark.parametrize(("held", "asked"), PAIRS)
def test_a_pair_goes_together_or_not(db: Session, body: UUID, held: Role, asked: Role) -> None:
    person = identity.register_person(db, None, level=IdentityLevel.CARD, now=NOW).id

    def give(role: Role) -> None:
        of = body if role in OF_AN_ORGANISATION else None
        identity.grant_role(db, person_id=person, role=role, now=NOW, organisation_id=of)

    give(held)
    if frozenset({held, asked}) in APART:
        with pytest.raises(Problem, match="roles-incompatible"):
            give(asked)
    else:
        give(asked)
