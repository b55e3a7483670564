"""Accepted payments in a till's own hands, and handed in again after a restore."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.context import db_session, now, services
from app.fields import Input, Output, Text
from app.idempotency import idempotent
from app.identity.models import Role
from app.merchants.api.blueprint import blueprint
from app.merchants.api.payments import Shown, for_till
from app.merchants.api.schemas import PaymentOut
from app.merchants.slips import hand_in, slip_of
from app.merchants.wiring import desk_domain, earlier_desks
from app.openapi import answers, body
from app.security import principal, requires


class SlipOut(Output):
    """Opaque: keep it until the payment is settled."""

    slip = Text(required=True)


class Slip(Input):
    slip = Text(required=True, high=60_000)


@blueprint.get("/payments/<uuid:payment_id>/slip")
@requires(Role.MERCHANT)
@answers(SlipOut)
def show_slip(payment_id: UUID) -> dict[str, str]:
    """Of an accepted payment, sealed: what to keep at the till until it is settled."""
    merchant_id = principal().organisation(Role.MERCHANT)
    return {"slip": slip_of(db_session(), payment_id, merchant_id)}


@blueprint.post("/payments/slips")
@requires(Role.MERCHANT)
@idempotent
@body(Slip)
@answers(PaymentOut)
def hand_slip_in(body: dict[str, Any]) -> Shown:
    """After a restore: a payment that Civis has forgotten is accepted again. What it knows already
    is answered as it is."""
    file = services().settings.deployment_file
    payment = hand_in(
        db_session(),
        body["slip"],
        merchant_id=principal().organisation(Role.MERCHANT),
        desks=(desk_domain(file), *earlier_desks(file)),
        now=now(),
    )
    return for_till(payment)
