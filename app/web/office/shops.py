"""The officer's shops: entered by one, confirmed by another, with the account they are paid to."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request

from app.context import db_session, now, services
from app.errors import NotFound, Problem
from app.governance import service as governance
from app.idempotency import idempotent
from app.identity.models import Organisation, OrganisationKind, Role
from app.merchants import registration
from app.merchants.api.shop_schemas import NewBankDetails
from app.merchants.bank import Party
from app.merchants.bank_reading import read_bank_details
from app.merchants.closing import KIND, propose_closing
from app.merchants.models import BankDetails, Merchant
from app.privacy.service import Actor
from app.security import principal, requires
from app.web import forms
from app.web.office import organisation_form, shops_view
from app.web.office.overview import blueprint
from app.web.shell import page, to
from app.web.words import gettext as _

KINDS = (OrganisationKind.MERCHANT, OrganisationKind.ASSOCIATION)


@blueprint.get("/office/shops")
@requires(Role.OFFICER)
def shops() -> Response:
    return _shops({}, None)


def _shops(form: dict[str, str], problem: Problem | None) -> Response:
    session = db_session()
    return page(
        "office/shops.html",
        problem=problem,
        form=form,
        shops=shops_view.all_shops(session),
        kinds=[("merchant", _("shop")), ("association", _("association"))],
        programmes=shops_view.open_programmes(session),
    )


@blueprint.post("/office/shops")
@requires(Role.OFFICER)
@idempotent
def enter_shop() -> Response:
    form, session = request.form.to_dict(), db_session()
    try:
        organisation = organisation_form.entered(KINDS)
        account = _account()
        registration.propose_merchant(
            session,
            registration.NewMerchant(
                organisation.id, account.name, account.iban, _programmes(form)
            ),
            signer=services().signer,
            by=principal().person_id,
            now=now(),
        )
    except Problem as problem:
        session.rollback()
        return _shops(form, problem)
    return to("office.shop", merchant_id=organisation.id)


def _account() -> Party:
    """Whom to pay, as typed. Raises Problem."""
    typed = forms.load(NewBankDetails, forms.given("account_holder", "iban"))
    return Party(typed["account_holder"], typed["iban"])


def _programmes(form: dict[str, str]) -> list[UUID]:
    known = dict(shops_view.open_programmes(db_session()))
    chosen = form.get("programme_id", "")
    return [UUID(chosen)] if chosen in known else []


@blueprint.get("/office/shops/<uuid:merchant_id>")
@requires(Role.OFFICER)
def shop(merchant_id: UUID) -> Response:
    return _shop(merchant_id, None)


def _shop(merchant_id: UUID, problem: Problem | None) -> Response:
    session, person = db_session(), principal().person_id
    organisation, merchant = (
        session.get(Organisation, merchant_id),
        session.get(Merchant, merchant_id),
    )
    if organisation is None or merchant is None:
        raise NotFound("merchant-unknown")
    details = shops_view.latest_details(session, merchant_id)
    closing = governance.latest(session, KIND, merchant_id)
    return page(
        "office/shop.html",
        problem=problem,
        shop=shops_view.one(session, organisation, merchant),
        pending=_pending(details),
        own=details is not None and details.proposed_by == person,
        closes=closing is not None and closing.decided_at is None,
    )


def _pending(details: BankDetails | None) -> dict[str, Any] | None:
    """The account that waits, opened for comparison; the reading is recorded."""
    if details is None or details.confirmed_at is not None:
        return None
    actor = Actor(principal().person_id, Role.OFFICER.value)
    account = read_bank_details(db_session(), details, actor)
    db_session().commit()
    groups = [account.iban[at : at + 4] for at in range(0, len(account.iban), 4)]
    return {"id": details.id, "holder": account.name, "iban": " ".join(groups)}


@blueprint.post("/office/shops/<uuid:merchant_id>/confirmation")
@requires(Role.OFFICER)
@idempotent
def confirm_shop(merchant_id: UUID) -> Response:
    """The second officer's yes to a new shop, or to another account of a known one."""
    session, form = db_session(), request.form
    merchant = session.get(Merchant, merchant_id)
    fresh = merchant is not None and merchant.confirmed_at is None
    confirm = registration.confirm_merchant if fresh else registration.confirm_bank_details
    try:
        seen = UUID(form.get("seen", ""))
        confirm(session, merchant_id=merchant_id, by=principal().person_id, now=now(), seen=seen)
    except ValueError as error:
        raise Problem("nothing-to-confirm") from error
    except Problem as problem:
        session.rollback()
        return _shop(merchant_id, problem)
    return to("office.shop", merchant_id=merchant_id)


@blueprint.post("/office/shops/<uuid:merchant_id>/bank-details")
@requires(Role.OFFICER)
@idempotent
def change_account(merchant_id: UUID) -> Response:
    session = db_session()
    try:
        registration.propose_bank_details(
            session,
            merchant_id=merchant_id,
            account=_account(),
            by=principal().person_id,
            now=now(),
        )
    except Problem as problem:
        session.rollback()
        return _shop(merchant_id, problem)
    return to("office.shop", merchant_id=merchant_id)


@blueprint.post("/office/shops/<uuid:merchant_id>/closing")
@requires(Role.OFFICER)
@idempotent
def close_shop(merchant_id: UUID) -> Response:
    session = db_session()
    try:
        propose_closing(session, merchant_id=merchant_id, by=principal().person_id, now=now())
    except Problem as problem:
        session.rollback()
        return _shop(merchant_id, problem)
    return to("office.decisions")
