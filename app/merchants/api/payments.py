"""Both sides of a payment: asked at a till, looked at, accepted, declined, given back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.acting import covered_by
from app.context import db_session, now, services
from app.errors import NotFound
from app.idempotency import idempotent
from app.identity.mandates.models import Act
from app.identity.models import Role
from app.identity.stations.models import StationStatementKind as Said
from app.identity.stations.shifts import note_statement
from app.limits import limited
from app.merchants import payments, queries
from app.merchants.acceptance import accept_payment, orders_to_sign
from app.merchants.api.blueprint import blueprint
from app.merchants.api.schemas import (
    NewAcceptance,
    NewPayment,
    NewRefund,
    OrderList,
    PaymentAtTill,
    PaymentList,
    PaymentOut,
    RefundList,
)
from app.merchants.models import Payment
from app.merchants.queries import PaymentView
from app.merchants.refunds import Asked, refund_payment
from app.merchants.signing import Desk, PlannedOrder
from app.merchants.wiring import desk_domain, desk_of
from app.openapi import answers, body
from app.payers import payer_of
from app.route_marks import asked_by_itself, in_a_shift_too
from app.security import principal, requires, session_token


@dataclass(frozen=True)
class Shown:
    """A payment with the address that its QR code says."""

    view: PaymentView
    pay_url: str

    def __getattr__(self, name: str) -> Any:
        return getattr(self.view, name)


def shown(view: PaymentView) -> Shown:
    return Shown(view, queries.payment_text(services().settings.public_url, view.id))


def _desk() -> Desk:
    return desk_of(services(), session_token())


def for_till(payment: Payment) -> Shown:
    return shown(
        queries.payment_for_till(
            db_session(), payment_id=payment.id, merchant_id=payment.merchant_id, now=now()
        )
    )


def _for_payer(payment_id: UUID) -> Shown:
    person = principal().whose
    return shown(
        queries.payment_for_payer(db_session(), payment_id=payment_id, person_id=person, now=now())
    )


@blueprint.post("/payments")
@requires(Role.MERCHANT)
@idempotent
@body(NewPayment)
@answers(PaymentOut, status=201)
def request_payment(body: dict[str, Any]) -> Shown:
    """Ask for an amount. Show `pay_url` as a QR code and `short_code` in letters."""
    person = principal()
    payment = payments.request_payment(
        db_session(),
        merchant_id=person.organisation(Role.MERCHANT),
        by=person.person_id,
        now=now(),
        **body,
    )
    note_statement(db_session(), person, Said.PAYMENT_REQUEST, str(payment.id), now())
    return for_till(payment)


@blueprint.post("/payments/at-till")
@requires()
@idempotent
@body(PaymentAtTill)
@answers(PaymentOut, status=201)
@covered_by(Act.PAY)
def start_payment(body: dict[str, Any]) -> Shown:
    """Start a payment at the number on a till. Nobody else can accept it."""
    payment = payments.start_payment(db_session(), payer_id=principal().whose, now=now(), **body)
    return _for_payer(payment.id)


@blueprint.get("/payments/by-code/<short_code>")
@requires()
@limited("payment-code", quota=30, window=60)
@answers(PaymentOut)
@covered_by(Act.PAY)
def find_payment(short_code: str) -> Shown:
    """The open request with this code, as the till shows it."""
    person = principal().whose
    found = payments.find_payment(db_session(), short_code=short_code, person_id=person, now=now())
    return _for_payer(found.id)


@blueprint.get("/payments/<uuid:payment_id>")
@requires()
@in_a_shift_too
@asked_by_itself
@answers(PaymentOut, etag=True)
@covered_by(Act.PAY)
def show_payment(payment_id: UUID) -> Shown:
    """How it stands, for either side. Poll it with If-None-Match."""
    payment = payments.payment_of(db_session(), payment_id)
    if principal().has(Role.MERCHANT, payment.merchant_id):
        return for_till(payment)
    if principal().station_id is not None:  # what they pay themselves is none of a shift's
        raise NotFound("payment-unknown")
    return _for_payer(payment_id)


@blueprint.get("/payments/<uuid:payment_id>/orders")
@requires()
@answers(OrderList)
@covered_by(Act.PAY)
def show_orders(payment_id: UUID) -> dict[str, Any]:
    """What acceptance would sign now. A device signs the ids of those on its own accounts."""
    planned = orders_to_sign(
        db_session(),
        payment_id=payment_id,
        person_id=principal().whose,
        domain=desk_domain(services().settings.deployment_file),
        now=now(),
    )
    return {"items": [_order(one) for one in planned]}


def _order(planned: PlannedOrder) -> dict[str, Any]:
    struct = planned.struct
    return {
        "id": planned.id,
        "payment_id": struct.payment_id,
        "programme_id": struct.programme_id,
        "payer": struct.payer,
        "payee": struct.payee,
        "amount_cents": struct.amount,
        "requested_until": struct.requested_until,
        "signed_by_device": planned.part.purse.on_device,
    }


@blueprint.post("/payments/<uuid:payment_id>/acceptance")
@requires()
@idempotent
@body(NewAcceptance, optional=True)
@answers(PaymentOut)
@covered_by(Act.PAY)
def accept(payment_id: UUID, body: dict[str, Any]) -> Shown:
    """Pay. Sent again, with whatever key, it answers the same and pays once."""
    signatures = {one["order_id"]: one["signature"] for one in body["signatures"]}
    accept_payment(
        db_session(),
        payer=payer_of(principal()),
        payment_id=payment_id,
        desk=_desk(),
        now=now(),
        signatures=signatures,
    )
    return _for_payer(payment_id)


@blueprint.post("/payments/<uuid:payment_id>/decline")
@requires()
@idempotent
@answers(PaymentOut)
@covered_by(Act.PAY)
def decline(payment_id: UUID) -> Shown:
    """Say no. The till sees it at once."""
    person = principal().whose
    payments.decline_by_payer(db_session(), payment_id=payment_id, person_id=person, now=now())
    return _for_payer(payment_id)


@blueprint.post("/payments/<uuid:payment_id>/cancellation")
@requires(Role.MERCHANT)
@idempotent
@answers(PaymentOut)
def cancel(payment_id: UUID) -> Shown:
    """Take a request back that nobody accepted."""
    merchant_id = principal().organisation(Role.MERCHANT)
    payment = payments.cancel_by_merchant(
        db_session(), payment_id=payment_id, merchant_id=merchant_id, now=now()
    )
    return for_till(payment)


@blueprint.post("/payments/<uuid:payment_id>/refunds")
@requires(Role.MERCHANT)
@idempotent
@body(NewRefund)
@answers(RefundList, status=201)
def refund(payment_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Give back all or part, the last part first."""
    person = principal()
    made = refund_payment(
        db_session(),
        merchant_id=person.organisation(Role.MERCHANT),
        payment_id=payment_id,
        amount_cents=body["amount_cents"],
        asked=Asked(_desk(), person.person_id, person.session_id, now()),
    )
    for one in made:
        note_statement(db_session(), person, Said.REFUND, one.id.hex(), now())
    return {"items": made}


@blueprint.get("/me/payments")
@requires()
@answers(PaymentList)
@covered_by(Act.SEE, sees=["payments"])
def my_payments() -> dict[str, Any]:
    """What one paid, newest first."""
    person = principal().whose
    found = queries.payments_of_person(db_session(), person_id=person, now=now())
    return {"items": [shown(view) for view in found]}
