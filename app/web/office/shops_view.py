"""Shops as the office sees them; bank details open only to who must compare them."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session, aliased
from sqlmodel import col

from app.endings import announcing
from app.identity.models import Organisation, OrganisationKind
from app.merchants.bank_files import doubted_shops
from app.merchants.models import BankDetails, Merchant, MerchantProgramme, PayeeState
from app.rewards.models import Programme, ProgrammeState
from app.web import formats
from app.web.shell import state_words
from app.web.words import gettext as _
from app.web.words import locale


class Marked(NamedTuple):
    """Shops whose new account waits for a second officer; whose account a restore made doubtful."""

    waiting: set[UUID]
    doubted: set[UUID]


def all_shops(session: Session) -> list[SimpleNamespace]:
    rows = session.execute(
        select(Organisation, Merchant)
        .join(Merchant, col(Merchant.organisation_id) == col(Organisation.id))
        .order_by(col(Organisation.name))
    ).all()
    marked = _marked(session)
    return [_shop(organisation, merchant, marked) for organisation, merchant in rows]


def to_confirm(session: Session) -> list[SimpleNamespace]:
    """Shops that wait for a second officer, themselves or their new bank account."""
    return [shop for shop in all_shops(session) if shop.waits]


def one(session: Session, organisation: Organisation, merchant: Merchant) -> SimpleNamespace:
    found = _shop(organisation, merchant, _marked(session))
    found.programmes = [programme.name[locale()] for programme in _taken(session, merchant)]
    return found


def latest_details(session: Session, merchant_id: UUID) -> BankDetails | None:
    """What was entered last, confirmed or not."""
    query = select(BankDetails).where(col(BankDetails.merchant_id) == merchant_id)
    return session.scalars(query.order_by(col(BankDetails.id).desc()).limit(1)).one_or_none()


def open_programmes(session: Session) -> list[tuple[str, str]]:
    states = (*announcing.OPEN, ProgrammeState.DRAFT)
    rows = session.scalars(select(Programme).where(col(Programme.state).in_(states)))
    return [(str(row.id), row.name[locale()]) for row in rows]


def _taken(session: Session, merchant: Merchant) -> Sequence[Programme]:
    query = select(Programme).join(
        MerchantProgramme, col(MerchantProgramme.programme_id) == col(Programme.id)
    )
    mine = col(MerchantProgramme.merchant_id) == merchant.organisation_id
    return session.scalars(query.where(mine)).all()


def _marked(session: Session) -> Marked:
    return Marked(set(session.scalars(_waiting())), doubted_shops(session))


def _waiting() -> Select[UUID]:
    """Shops whose newest bank details nobody has confirmed."""
    newer = aliased(BankDetails)
    later = exists().where(
        col(newer.merchant_id) == col(BankDetails.merchant_id), col(newer.id) > col(BankDetails.id)
    )
    return select(col(BankDetails.merchant_id)).where(
        col(BankDetails.confirmed_at).is_(None), ~later
    )


def _shop(organisation: Organisation, merchant: Merchant, marked: Marked) -> SimpleNamespace:
    association = organisation.kind is OrganisationKind.ASSOCIATION
    return SimpleNamespace(
        id=organisation.id,
        name=organisation.name,
        kind_words=_("association") if association else _("shop"),
        district=organisation.district,
        state=merchant.state.value,
        state_words=state_words(merchant.state.value),
        new=merchant.state is PayeeState.PROPOSED,
        active=merchant.state is PayeeState.ACTIVE,
        waits=organisation.id in marked.waiting,
        doubted=organisation.id in marked.doubted,
        till_number=merchant.till_number,
        fee=formats.percent(merchant.fee_basis_points),
        entered=formats.moment(merchant.created_at),
    )
