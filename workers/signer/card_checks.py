"""What the signer finds out for itself at a counter, at a till, and of an upheld contest."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain import typed
from app.errors import Problem
from app.governance.guardianships import payload_of as guardianship_payload
from app.governance.models import Proposal, ProposalState
from app.identity.mandates.models import Mandate
from app.identity.models import Organisation, OrganisationKind, Role, RoleGrant
from app.identity.roles import in_force
from app.merchants.contest_models import Contest, ContestState
from app.merchants.models import Merchant
from workers.signer.checks import Asker, check_role, merchant_held_here, refunded_order


def check_till(session: Session, asker: Asker, payee: str, now: datetime) -> None:
    """Whoever is signed in at the till works for this very payee."""
    merchant = session.scalar(select(Merchant).where(col(Merchant.address) == payee))
    if merchant is None:
        raise Problem("signer-payee-not-active")
    check_role(session, asker, (Role.MERCHANT,), merchant.organisation_id, now)


def check_association(session: Session, payee: str) -> None:
    """Whom a card's holder may give to at the city's counter, where no till is."""
    kind = session.scalar(
        select(col(Organisation.kind))
        .join(Merchant, col(Merchant.organisation_id) == col(Organisation.id))
        .where(col(Merchant.address) == payee)
    )
    if kind is not OrganisationKind.ASSOCIATION:
        raise Problem("signer-payee-not-active")


def check_officer(session: Session, asker: Asker, now: datetime) -> UUID:
    """The officer who asks; their role counts only with a passkey, outside a demo."""
    if not (asker.by_passkey and _is_officer(session, asker.person_id, now)):
        raise Problem("signer-not-owner")
    return asker.person_id


def check_contest(session: Session, refund: typed.Refund) -> None:
    """The order is of a payment whose contest two officers upheld; the merchant's key is here."""
    merchant_held_here(session, refund)
    order = refunded_order(session, refund)
    contest = session.scalar(
        select(Contest).where(
            col(Contest.payment_id) == order.payment_id, col(Contest.state) == ContestState.UPHELD
        )
    )
    decided = None if contest is None else _decision(session, contest)
    if decided is None or decided.decided_at is None:
        raise Problem("signer-order-refused")
    if len(_two_officers(session, decided)) != 2:
        raise Problem("signer-not-owner")


def _two_officers(session: Session, decided: Proposal) -> set[UUID]:
    """Who proposed and who confirmed, as far as each held the role at that instant."""
    at = decided.decided_at
    return {
        one
        for one in (decided.proposed_by, decided.decided_by)
        if one is not None and at is not None and _is_officer(session, one, at)
    }


def check_guardianship(session: Session, mandate: Mandate) -> None:
    """Two different officers, neither ward nor guardian, are on record for exactly this."""
    decided = session.scalar(
        select(Proposal).where(
            col(Proposal.kind) == "guardianship",
            col(Proposal.subject) == str(mandate.id),
            col(Proposal.state) == ProposalState.CONFIRMED,
        )
    )
    if decided is None or decided.payload != guardianship_payload(mandate):
        raise Problem("signer-mandate")
    two = _two_officers(session, decided)
    if len(two) != 2 or two & {mandate.person_id, mandate.representative_id}:
        raise Problem("signer-mandate")


def _decision(session: Session, contest: Contest) -> Proposal | None:
    return session.scalar(
        select(Proposal).where(
            col(Proposal.kind) == "contest",
            col(Proposal.subject) == str(contest.id),
            col(Proposal.state) == ProposalState.CONFIRMED,
            col(Proposal.payload)["upheld"].as_boolean(),
        )
    )


def _is_officer(session: Session, person_id: UUID, now: datetime) -> bool:
    held = exists().where(
        col(RoleGrant.person_id) == person_id,
        col(RoleGrant.role) == Role.OFFICER,
        in_force(now),
    )
    return bool(session.scalar(select(held)))
