"""An accepted payment in the till's own hands, sealed: proof that survives the house's database.

After a restore the till hands it in again. What the books know already stays as it is; what they
have forgotten becomes an accepted payment again: each order with its hold, on its way again. What
the chain has executed meanwhile is settled, and nothing is held or sent for it.
A slip is opaque to the till, opens for its merchant alone, as long as its month's key lasts.
Callers commit.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain import typed
from app.chain.sending.restored_rows import Came
from app.errors import Problem, define
from app.merchants import settlement
from app.merchants.again import order_about, order_again
from app.merchants.models import Payment, PaymentOrder
from app.merchants.pay_outs_again import lines_again
from app.merchants.payments import payment_of
from app.merchants.signing import check_signed_by
from app.outbox.models import OutboxItem, OutboxState
from app.outbox.service import incident_passed, report_incident
from app.privacy.keys import KeyDestroyed
from app.privacy.service import SealBroken, open_for_service, seal_for_service
from app.rewards.models import LedgerEntry, Programme
from app.rewards.money import ledger

Desks = Collection[typed.Domain]
_SEALED = "payment-slip"
_NOT_COVERED = "slip_not_covered"
_UNKNOWN = "order-unknown"  # until now: settlement reported it
KEPT = timedelta(days=31)  # by a till, at most: no month's key lasts much longer

define(
    "slip-unreadable",
    422,
    en=("This slip is not ours, or too old", "", "Send it as it was given, within a month."),
    fr=("Ce justificatif est inconnu ou trop ancien", "", "Envoyez-le tel quel, sous un mois."),
)
define(
    "slip-not-covered",
    409,
    en=(
        "The payer’s balance does not cover this payment any more",
        "The city has been told; keep the slip.",
        "Ask the city’s office.",
    ),
    fr=(
        "Le solde du payeur ne couvre plus ce paiement",
        "La ville est prévenue ; gardez le justificatif.",
        "Adressez-vous au service de la ville.",
    ),
)


def slip_of(session: Session, payment_id: UUID, merchant_id: UUID) -> str:
    """Text for the till to keep. Raises Problem payment-unknown, payment-not-accepted."""
    payment = payment_of(session, payment_id)
    if payment.merchant_id != merchant_id:
        raise Problem("payment-unknown")
    rows = session.scalars(
        select(OutboxItem)
        .join(PaymentOrder, col(OutboxItem.key) == func.encode(col(PaymentOrder.id), "hex"))
        .where(col(PaymentOrder.payment_id) == payment_id, col(OutboxItem.kind) == "settle_orders")
        .order_by(col(PaymentOrder.position))
    ).all()
    if not rows:
        raise Problem("payment-not-accepted")
    label = {"label": payment.label}  # for the slip alone, which is sealed
    orders = [
        {"key": one.key, "payload": one.payload, "about": order_about(session, one) | label}
        for one in rows
    ]
    content = json.dumps(orders).encode()
    sealed = seal_for_service(session, _SEALED, content, merchant_id.bytes)
    return base64.urlsafe_b64encode(sealed).decode()


def hand_in(
    session: Session, slip: str, *, merchant_id: UUID, desks: Desks, now: datetime
) -> Payment:
    """The payment as the books know it now. `desks`: all that stand, since a slip may be older than
    the one in force. Raises Problem slip-unreadable, slip-not-covered."""
    orders = _opened(session, slip, merchant_id)
    payment_id = orders[0]["about"]["payment"]
    one_at_a_time = func.pg_advisory_xact_lock(func.hashtextextended(payment_id, 0))
    session.execute(select(one_at_a_time))  # each till of a shop may keep a slip of it
    unknown = [one for one in orders if session.get(PaymentOrder, _key(one)) is None]
    for said in unknown:
        _check_signed(said, desks)
    free = _free_of(session, unknown)
    executed = _executed(session, unknown)  # under the lock of accounts: the indexer takes it too
    _check_covered(session, [one for one in unknown if _key(one) not in executed], free, now)
    for said in unknown:
        _again(session, said, now, executed=_key(said) in executed)
    for order_id, at in executed.items():  # a payment is settled with its last order
        settlement.order_executed(session, order_id, at)
    return payment_of(session, UUID(payment_id))


def _opened(session: Session, slip: str, merchant_id: UUID) -> list[dict[str, Any]]:
    try:
        sealed = base64.urlsafe_b64decode(slip.encode("ascii"))
        content = open_for_service(session, _SEALED, sealed, merchant_id.bytes)
    except (ValueError, binascii.Error, SealBroken, KeyDestroyed) as error:
        raise Problem("slip-unreadable", field="slip") from error
    found: list[dict[str, Any]] = json.loads(content)
    return found


def _check_signed(said: dict[str, Any], desks: Desks) -> None:
    """By the payer, for one of these desks."""
    order = said["payload"]["order"]
    struct = typed.Order(
        payment_id=_bytes(order["payment_id"]),
        programme_id=_bytes(order["programme_id"]),
        payer=order["payer"],
        payee=order["payee"],
        amount=order["amount"],
        requested_until=order["requested_until"],
    )
    if _key(said) not in {typed.order_digest(desk, struct) for desk in desks}:
        raise Problem("slip-unreadable", field="slip")
    check_signed_by(_key(said), _bytes(said["payload"]["payer_signature"]), struct.payer)


def _executed(session: Session, unknown: Sequence[dict[str, Any]]) -> dict[bytes, datetime]:
    """Which orders the ledger has in a programme that the books know, and since when."""
    query = select(col(LedgerEntry.reference), col(LedgerEntry.block_time)).where(
        col(LedgerEntry.kind) == "payment",
        col(LedgerEntry.address).in_([_account(said)[0] for said in unknown]),
        col(LedgerEntry.reference).in_([_key(said) for said in unknown]),
        col(LedgerEntry.programme_chain_id).in_(select(col(Programme.chain_id))),
    )
    return {reference: at for reference, at in session.execute(query) if reference is not None}


def _check_covered(
    session: Session,
    ahead: Sequence[dict[str, Any]],
    free: dict[tuple[str, str], int],
    now: datetime,
) -> None:
    """What each account has free must do for all its orders."""
    for said in ahead:
        account, cents = _account(said), said["payload"]["order"]["amount"]
        if free[account] < cents:
            _not_covered(session, said, free[account], now)
        free[account] -= cents


def _account(said: dict[str, Any]) -> tuple[str, str]:
    order = said["payload"]["order"]
    return order["payer"], order["programme_id"]


def _free_of(session: Session, orders: Sequence[dict[str, Any]]) -> dict[tuple[str, str], int]:
    """By account, each locked in the order in which everybody locks them."""
    return {one: _free(session, *one) for one in sorted(set(map(_account, orders)))}


def _free(session: Session, payer: str, programme: str) -> int:
    """Nothing in a programme that the books don't know. Locks the account, as payments do."""
    named = select(col(Programme.id)).where(col(Programme.chain_id) == _bytes(programme))
    programme_id = session.scalars(named).first()
    return 0 if programme_id is None else ledger.lock_account(session, payer, programme_id)


def _not_covered(session: Session, said: dict[str, Any], free: int, now: datetime) -> None:
    """An accepted payment that can't be held is never normal: the operator decides."""
    reference, cents = "0x" + said["key"], said["payload"]["order"]["amount"]
    detail = f"a till handed an accepted order in again: {cents} cents, of which {free} are free"
    report_incident(session, code=_NOT_COVERED, detail=detail, now=now, reference=reference)
    raise Problem("slip-not-covered", field="slip", keep=True)


def _again(session: Session, said: dict[str, Any], now: datetime, *, executed: bool) -> None:
    sent = select(col(OutboxItem.id)).where(
        col(OutboxItem.kind) == "settle_orders", col(OutboxItem.key) == said["key"]
    )
    if session.scalars(sent).first() is not None:
        raise Problem("slip-unreadable", field="slip")  # on its way, of an account that is lost
    item = OutboxItem(
        kind="settle_orders",
        key=said["key"],
        signer="settler",
        payload=said["payload"],
        state=OutboxState.WAITING,
        created_at=now,
    )
    if not executed:
        session.add(item)
        session.flush()
    came = Came(item, said["about"], executed, new=True, artefacts=Path(), now=now)
    if order_again(session, came):
        raise Problem("slip-unreadable", field="slip")  # its payer isn't known any more
    lines_again(session, session.get_one(PaymentOrder, _key(said)))
    for code in (_NOT_COVERED, _UNKNOWN):
        incident_passed(session, code=code, now=now, reference="0x" + said["key"])


def _key(said: dict[str, Any]) -> bytes:
    return bytes.fromhex(said["key"])


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text[2:])
