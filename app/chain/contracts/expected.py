"""Which event a row's success leaves in its receipt, and which says that it was skipped."""

from __future__ import annotations

from app.chain.contracts.codec import EventLog, decode_event, decode_revert
from app.chain.contracts.desks import id_at
from app.chain.edge import Edge
from app.chain.errors import Reverted
from app.chain.rpc.answers import Receipt
from app.outbox.kinds import KINDS, SHARING
from app.outbox.models import OutboxItem

# Event, and by which of its arguments and which of the row's it is known. Of other kinds any event
# of the contract will do: what they carry may have been done already by another settler.
NAMED: dict[str, tuple[str, str, str]] = {
    "commit_batch": ("BatchCommitted", "batchId", "batch_id"),
    "cancel_batch": ("BatchCancelled", "batchId", "batch_id"),
    "publish_cells": ("CellsPublished", "sumRoot", "sum_root"),
    "pay_out": ("PaidOut", "payOutReference", "reference"),
}


def has_event(edge: Edge, item: OutboxItem, receipt: Receipt) -> bool:
    places = edge.places(KINDS[item.kind].contract)  # it was sent to whichever was in force
    ours = [log for log in receipt.logs if log.address in places]
    if item.kind in SHARING:
        return _at_desk(edge, item, receipt) is not None
    if item.kind not in NAMED:
        return bool(ours)
    name, argument, member = NAMED[item.kind]
    found = [event for log in ours if (event := decode_event(log.topics, log.data))]
    return any(
        event.name == name and event.arguments[argument] == item.payload[member] for event in found
    )


def skipped(edge: Edge, item: OutboxItem, receipt: Receipt) -> Reverted | None:
    """Why the desk left an order or a refund out of a call that went through; None when it didn't,
    or had executed it before."""
    said = _at_desk(edge, item, receipt) if item.kind in SHARING else None
    if said is None or said.name != "OrderSkipped":
        return None
    reason = decode_revert(said.arguments["reason"])
    return Reverted("GasRanOut", {}) if reason.name == "Empty" else reason


def _at_desk(edge: Edge, item: OutboxItem, receipt: Receipt) -> EventLog | None:
    """The one event that a desk leaves of an order or a refund: its id comes first in it."""
    ids = {place: "0x" + id_at(edge, item, place).hex() for place in edge.places("PaymentDesk")}
    for log in receipt.logs:
        if log.topics[1:2] == (ids.get(log.address),):
            return decode_event(log.topics, log.data)
    return None
