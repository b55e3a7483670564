"""A guardian for somebody of a signer's world, entered by officers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from app.governance import service as governance
from app.governance.guardianships import NewGuardianship, propose_guardianship
from app.identity import people
from app.identity import service as identity
from app.identity.mandates.models import Mandate
from app.identity.models import IdentityLevel, Role
from tests.support.mandated import Mandated, scope
from tests.support.signer_world import World

REFERENCE = "RG 26/00001"


@dataclass
class Guarded(Mandated):
    """`proposal`: what the first officer proposed."""

    proposal: UUID
    officers: tuple[UUID, ...]

    def confirm(self, by: UUID) -> None:
        with self.world.services.database.transaction() as session:
            governance.confirm(session, self.proposal, by=by, now=self.world.now())


def officers(world: World, count: int = 2) -> tuple[UUID, ...]:
    with world.services.database.transaction() as session:
        now = world.now() - timedelta(hours=1)
        level = IdentityLevel.CONTACT
        made = [
            identity.register_person(session, None, level=level, now=now).id for _ in range(count)
        ]
        for one in made:
            identity.grant_role(session, person_id=one, role=Role.OFFICER, now=now)
        return tuple(made)


def guarded(world: World) -> Guarded:
    """Proposed by one officer, not confirmed yet."""
    staff = officers(world)
    with world.services.database.transaction() as session:
        now, level = world.now(), IdentityLevel.CONTACT
        ward, tag = world.mine.person_id, f"{now.timestamp()}@guardians.example"
        people.set_email(session, ward, f"ward-{tag}")
        guardian = identity.register_person(session, f"guardian-{tag}", level=level, now=now).id
        new = NewGuardianship(f"ward-{tag}", f"guardian-{tag}", scope(now), REFERENCE)
        proposal = propose_guardianship(session, new, by=staff[0], now=now)
        token = identity.open_session(session, guardian, "api", now)
        mandate = session.get_one(Mandate, UUID(proposal.subject))
        return Guarded(world, mandate, guardian, token, world.token, proposal.id, staff)
