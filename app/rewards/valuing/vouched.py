"""How many published deeds somebody vouched for, and with whose key: counted with each period.

The public reads this beside the figures. So it moves only with a publication, counts published
deeds alone, and a period where fewer than five people stand on either side waits for the next
that has none or five: nobody's deed can be read off by asking before and after.
A deed that is taken back later was vouched for all the same, and goes on counting.
"""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action, Attestation, ProofLevel
from app.identity.models import KeyCustody
from app.rewards.models import CellPublication

VOUCHED = (ProofLevel.ATTESTED, ProofLevel.MEASURED, ProofLevel.CORROBORATED)


def count_vouched(session: Session, publication: CellPublication, fewest: int) -> None:
    """Of all deeds since the last period that was counted, once they are marked published."""
    by_server = func.coalesce(col(Attestation.custody) == KeyCustody.SERVER, False)
    query = (
        select(by_server, func.count(), func.count(func.distinct(col(Action.person_id))))
        .outerjoin(Attestation, col(Attestation.digest) == col(Action.attestation_digest))
        .where(
            col(Action.programme_id) == publication.programme_id,
            col(Action.published_period) > _last_counted(session, publication),
            col(Action.proof_level).in_(VOUCHED),
        )
        .group_by(by_server)
    )
    sides = session.execute(query).all()
    if any(people < fewest for _, _, people in sides):
        return
    publication.vouched = sum(deeds for _, deeds, _ in sides)
    publication.operator_signed = sum(deeds for server, deeds, _ in sides if server)


def _last_counted(session: Session, publication: CellPublication) -> int:
    query = select(func.max(col(CellPublication.period))).where(
        col(CellPublication.programme_id) == publication.programme_id,
        col(CellPublication.period) < publication.period,
        col(CellPublication.vouched).is_not(None),
        col(CellPublication.failed_at).is_(None),
    )
    return session.scalar(query) or 0
