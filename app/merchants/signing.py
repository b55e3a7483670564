"""Orders and refunds as they are signed, and who signs them where the operator holds the key.

An order's id is its EIP-712 digest. Each order of a payment carries a payment id of its own, so
the chain does not say which accounts paid together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from app.chain import typed
from app.errors import Problem
from app.merchants.models import Payment, PaymentOrder
from app.merchants.rules import Part

_PAYMENT_DOMAIN = b"civis.payment.v1"


class RefundSigner(Protocol):
    """What giving back needs of the signer process; each call raises Problem when refused."""

    def sign_refund(self, refund: typed.Refund, *, desk: str, session_id: UUID | None) -> bytes: ...
    def countersign(self, digest: bytes, *, desk: str) -> bytes: ...


class Signer(RefundSigner, Protocol):
    """And what paying needs of it."""

    def sign_order(self, order: typed.Order, *, session_id: UUID) -> bytes: ...
    def sign_order_for(
        self, order: typed.Order, *, mandate_id: UUID, session_id: UUID
    ) -> bytes: ...
    def sign_card_order(self, order: typed.Order, *, number: str, pin: str) -> bytes: ...
    def sign_card_gift(self, order: typed.Order, *, number: str, pin: str) -> bytes: ...


@dataclass(frozen=True)
class RefundDesk:
    """The contract that executes refunds, and the signer of merchants' keys and acceptances.

    `earlier`: desks that this one replaced. They alone give back what they executed.
    """

    domain: typed.Domain
    signer: RefundSigner
    earlier: tuple[typed.Domain, ...] = ()

    def of(self, order: PaymentOrder, programme_chain_id: bytes) -> typed.Domain:
        """The desk that the order's id names."""
        struct = typed.Order(**order_arguments(order, programme_chain_id))
        named = (one for one in self.earlier if typed.order_digest(one, struct) == order.id)
        return next(named, self.domain)


@dataclass(frozen=True)
class Desk(RefundDesk):
    """The contract that executes orders, and the signer of custodial keys and acceptances."""

    signer: Signer


@dataclass(frozen=True)
class ByCard:
    """A card's number, and the PIN that its holder typed at the till; or at the city's counter, for
    a gift to an association."""

    number: str
    pin: str = field(repr=False)
    at_counter: bool = False


@dataclass(frozen=True)
class ByMandate:
    """A representative, in their own live session, under a mandate of the payer's."""

    session_id: UUID
    mandate_id: UUID
    representative_id: UUID


@dataclass(frozen=True)
class Payer:
    """Whose tokens pay, and what authorises the signer: their live session's id, their card, or
    the mandate that they gave."""

    person_id: UUID
    right: UUID | ByCard | ByMandate


@dataclass(frozen=True)
class PlannedOrder:
    """One part of a payment, ready to be signed."""

    position: int
    part: Part
    struct: typed.Order
    id: bytes


def chain_payment_id(payment_id: UUID, position: int) -> bytes:
    return typed.keccak(_PAYMENT_DOMAIN + payment_id.bytes + position.to_bytes(1, "big"))


def plan_order(
    domain: typed.Domain, *, payment: Payment, position: int, payee: str, part: Part
) -> PlannedOrder:
    """What the payer signs names the request's last whole second."""
    struct = typed.Order(
        payment_id=chain_payment_id(payment.id, position),
        programme_id=part.purse.programme_chain_id,
        payer=part.purse.address,
        payee=payee,
        amount=part.amount_cents,
        requested_until=int(payment.expires_at.timestamp()),
    )
    return PlannedOrder(position, part, struct, typed.order_digest(domain, struct))


def payer_signature(
    desk: Desk, order: PlannedOrder, payer: Payer, signatures: Mapping[bytes, bytes]
) -> bytes:
    """The device's signature, or the signer's for a custodial account; by the account's own key."""
    if order.part.purse.on_device:
        if order.id not in signatures:
            raise Problem("order-signature-missing", field="signatures")
        signature = signatures[order.id]
    elif isinstance(payer.right, ByCard):
        card, signer = payer.right, desk.signer
        sign = signer.sign_card_gift if card.at_counter else signer.sign_card_order
        signature = sign(order.struct, number=card.number, pin=card.pin)
    elif isinstance(payer.right, ByMandate):
        under, own = payer.right.mandate_id, payer.right.session_id
        signature = desk.signer.sign_order_for(order.struct, mandate_id=under, session_id=own)
    else:
        signature = desk.signer.sign_order(order.struct, session_id=payer.right)
    check_signed_by(order.id, signature, order.part.purse.address)
    return signature


def check_signed_by(digest: bytes, signature: bytes, address: str) -> None:
    """Raises Problem order-signature-wrong for any other key, or for what is no signature."""
    try:
        signer = typed.recover(digest, signature)
    except typed.BadSignature as error:
        raise Problem("order-signature-wrong", field="signatures") from error
    if signer != address:
        raise Problem("order-signature-wrong", field="signatures")


def order_arguments(order: PaymentOrder, programme_chain_id: bytes) -> dict[str, Any]:
    """The order as outbox payloads hold it."""
    return {
        "payment_id": chain_payment_id(order.payment_id, order.position),
        "programme_id": programme_chain_id,
        "payer": order.payer_address,
        "payee": order.payee_address,
        "amount": order.amount_cents,
        "requested_until": int(order.requested_until.timestamp()),
    }
