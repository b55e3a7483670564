"""A customer with a paper card: number and PIN typed at the till, and what is left, said once."""

from __future__ import annotations

from uuid import UUID

from flask import Response, request

from app.context import db_session, now
from app.errors import Problem
from app.idempotency import idempotent
from app.identity.models import Role
from app.identity.stations.models import StationStatementKind as Said
from app.identity.stations.shifts import note_statement
from app.merchants import queries
from app.merchants.card_charges import Charge, charge_card
from app.merchants.signing import ByCard
from app.security import principal, requires
from app.web.merchant.till import blueprint, payment_page, shop_id, slip_of
from app.web.parts import desk
from app.web.shell import page, to
from app.web.telling.endings_view import endings_of
from app.web.telling.payment_view import shown


@blueprint.post("/till/payments/<uuid:payment_id>/card")
@requires(Role.MERCHANT)
@idempotent
def charge(payment_id: UUID) -> Response:
    """The receipt is this very answer: whoever asks later is not told what is left."""
    typed = request.form
    try:
        charged = charge_card(
            db_session(),
            merchant_id=shop_id(),
            payment_id=payment_id,
            card=ByCard(typed.get("card_number", ""), typed.get("pin", "")),
            desk=desk(),
            now=now(),
        )
    except Problem as problem:
        session = db_session()
        session.commit() if problem.keep else session.rollback()  # a wrong PIN uses up a try
        return payment_page(payment_id, problem)
    if charged.balance_cents is not None:  # now, and not before
        note_statement(db_session(), principal(), Said.CARD_CHARGE, str(payment_id), now())
    return _receipt(payment_id, charged)


def _receipt(payment_id: UUID, charged: Charge) -> Response:
    view = queries.payment_for_till(
        db_session(), payment_id=payment_id, merchant_id=shop_id(), now=now()
    )
    holder = charged.holder_id
    return page(
        "till/receipt.html",
        payment=shown(view),
        slips=slip_of(view),
        balance_cents=charged.balance_cents,
        endings=endings_of(db_session(), holder, now()) if holder else [],
    )


@blueprint.get("/till/payments/<uuid:payment_id>/card")
@requires(Role.MERCHANT)
def after_charge(payment_id: UUID) -> Response:
    return to("till.payment", payment_id=payment_id)
