"""An organisation's key ends: one officer proposes it with a reason, another confirms.

A statement counts if it was received while the key was good. Revoked for cause, what the key
vouched for and is not on the chain yet is refused too, and no device gets its 72 hours.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action
from app.actions.review import BEFORE_BATCH
from app.errors import Problem, define
from app.governance.models import Proposal
from app.governance.service import propose
from app.identity.models import Organisation
from app.identity.organisations import organisation_by_id, revoke_organisation_key
from app.identity.own import check_not_own
from app.outbox.service import enqueue

KIND = "key-revocation"
# Why, and whether for cause: then nothing that comes late counts.
REASONS: Mapping[str, bool] = {
    "lost": False,
    "replaced": False,
    "stolen": True,
    "false-statements": True,
}
LATE = timedelta(hours=72)  # a device without network, unless revoked for cause

define(
    "revocation-reason-unknown",
    422,
    en=("Unknown reason", "One of {choices}.", "Choose a reason of the list."),
    fr=("Motif inconnu", "Au choix : {choices}.", "Choisissez un motif dans la liste."),
)
define(
    "no-key-to-revoke",
    409,
    en=("There is no key to revoke", "None is registered and good.", "Reload the page."),
    fr=("Aucune clé à révoquer", "Aucune n’est enregistrée et valable.", "Rechargez la page."),
)


def propose_revocation(
    session: Session, *, organisation_id: UUID, reason: str, by: UUID, now: datetime
) -> Proposal:
    """The first officer's part: the key goes on counting. Raises Problem."""
    if reason not in REASONS:
        raise Problem("revocation-reason-unknown", field="reason", choices=", ".join(REASONS))
    check_not_own(session, organisation_id, by)
    key = _good_key(organisation_by_id(session, organisation_id))
    payload = {"key": key, "reason": reason, "for_cause": REASONS[reason]}
    return propose(session, KIND, organisation_id, payload, by=by, now=now)


def revoke(session: Session, proposal: Proposal, by: UUID, now: datetime) -> list[Action]:
    """Ends the key here and on the chain; the deeds that fall with it, locked."""
    organisation_id, payload = UUID(proposal.subject), proposal.payload
    check_not_own(session, organisation_id, by)
    if _good_key(organisation_by_id(session, organisation_id)) != payload["key"]:
        raise Problem("no-key-to-revoke")
    revoke_organisation_key(session, organisation_id, now)
    enqueue(
        session,
        kind="revoke_attester",
        key=payload["key"],
        payload={"key": payload["key"], "for_cause": payload["for_cause"]},
        now=now,
    )
    return _unsettled(session, organisation_id) if payload["for_cause"] else []


def counts_until(revoked_at: datetime, *, for_cause: bool) -> datetime:
    """Until when a statement of a device that was without network may still arrive."""
    return revoked_at if for_cause else revoked_at + LATE


def _good_key(organisation: Organisation) -> str:
    key = organisation.key_address
    if key is None or organisation.key_valid_from is None or organisation.key_revoked_at:
        raise Problem("no-key-to-revoke")
    return key


def _unsettled(session: Session, organisation_id: UUID) -> list[Action]:
    """In the order of their ids, as everybody locks them."""
    query = (
        select(Action)
        .where(
            col(Action.organisation_id) == organisation_id,
            col(Action.state).in_(BEFORE_BATCH),
            col(Action.attestation_digest).is_not(None),
        )
        .order_by(col(Action.id))
        .with_for_update()
    )
    return list(session.scalars(query))
