"""Bank files outside the database: nobody is paid twice because a backup forgot a file.

A file is kept, sealed with the month's key, before it can be downloaded, and the journal says that
its transaction committed. A restored database gets its file and orders back; where the journal
leaves it open whether a file was ever released, it counts as released, and a treasurer who finds
nothing at the bank refuses its transfers: the next file pays them. Of two files that pay the same
pay-out the later one counts: it was made because the earlier transfer had been refused.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app import journal
from app.keyfiles import write_private
from app.merchants.models import BankFile, BankOrder, BankOrderState, PayOut, PayOutState
from app.privacy.keys import KeyDestroyed
from app.privacy.service import Ref, create_subject, open_for_service, seal, seal_for_service

PURPOSE = "pay_out"
_SEALED = "bank-file"
_GONE = "(the key of this file's month is destroyed: the bank has it)"


def keep_file(
    session: Session,
    folder: Path,
    file: BankFile,
    xml: bytes,
    paid: Sequence[tuple[BankOrder, PayOut]],
) -> None:
    """On disk for certain before the transaction commits."""
    content = {
        "id": str(file.id),
        "message_id": file.message_id,
        "total_cents": file.total_cents,
        "transfers": file.transfers,
        "created_at": file.created_at.isoformat(),
        "xml_sealed": seal_for_service(session, _SEALED, xml, file.id.bytes).hex(),
        "orders": [_order(order, pay_out) for order, pay_out in paid],
    }
    write_private(folder / "bank-files" / f"{file.id}.json", json.dumps(content))
    journal.note(session, journal.BANK_FILE_RELEASED, file.created_at, file=file.id)


def _order(order: BankOrder, pay_out: PayOut) -> dict[str, Any]:
    return {
        "id": str(order.id),
        "reference": pay_out.reference.hex(),
        "end_to_end_id": order.end_to_end_id,
        "amount_cents": order.amount_cents,
    }


def files_again(
    session: Session, folder: Path, released: frozenset[str], now: datetime
) -> list[str]:
    """Files that the books don't know come back, with their orders; remarks for the operator.

    `released`: ids of the files whose transaction is known to have committed.
    """
    remarks = list[str]()
    for path in sorted((folder / "bank-files").glob("*.json")):
        said = json.loads(path.read_text(encoding="utf-8"))
        if session.get(BankFile, UUID(said["id"])) is None:
            remarks += _file_again(session, said, now)
            if said["id"] not in released:
                remarks.append(
                    f"bank file {said['message_id']}: whether it was released is not known; ask "
                    "the bank, and refuse its transfers if it has none"
                )
    return remarks


def _file_again(session: Session, said: dict[str, Any], now: datetime) -> list[str]:
    subject = create_subject(session, now)
    file_id, message = UUID(said["id"]), said["message_id"]
    session.add(
        BankFile(
            id=file_id,
            message_id=message,
            subject_id=subject,
            xml_sealed=seal(session, subject, file_place(file_id), _opened(session, said)),
            total_cents=said["total_cents"],
            transfers=said["transfers"],
            created_at=datetime.fromisoformat(said["created_at"]),
        )
    )
    session.flush()
    lost = sum(not _order_again(session, file_id, one, now) for one in said["orders"])
    remarks = [f"bank file {message}: in the books again, what the bank answered must be entered"]
    if lost:
        remarks.append(f"bank file {message}: {lost} of its transfers pay what no book knows")
    return remarks


def _order_again(session: Session, file_id: UUID, said: dict[str, Any], now: datetime) -> bool:
    reference = bytes.fromhex(said["reference"])
    wanted = select(PayOut).where(col(PayOut.reference) == reference).with_for_update()
    pay_out = session.scalars(wanted).first()
    if pay_out is None:
        return False
    order = BankOrder(
        id=UUID(said["id"]),
        bank_file_id=file_id,
        pay_out_id=pay_out.id,
        end_to_end_id=said["end_to_end_id"],
        amount_cents=said["amount_cents"],
        state=BankOrderState.ORDERED,
    )
    other = _live(session, pay_out.id)
    if other is not None and (other.state is BankOrderState.CONFIRMED or other.id > order.id):
        _refused(order, now)
    else:
        if other is not None:
            _refused(other, now)
            session.flush()
        pay_out.state = PayOutState.ORDERED
    session.add(order)
    session.flush()
    return True


def _live(session: Session, pay_out_id: UUID) -> BankOrder | None:
    """The transfer of another file that pays it already."""
    query = select(BankOrder).where(
        col(BankOrder.pay_out_id) == pay_out_id, col(BankOrder.state) != BankOrderState.REFUSED
    )
    return session.scalars(query.with_for_update()).first()


def _refused(order: BankOrder, now: datetime) -> None:
    order.state, order.decided_at = BankOrderState.REFUSED, now
    order.reason = "before a restore: a later file pays it"


def _opened(session: Session, said: dict[str, Any]) -> str:
    sealed = bytes.fromhex(said["xml_sealed"])
    try:
        return open_for_service(session, _SEALED, sealed, UUID(said["id"]).bytes).decode()
    except KeyDestroyed:
        return _GONE


def file_place(file_id: UUID) -> Ref:
    return Ref("bank_file", "xml_sealed", file_id)
