"""Which event a row's success leaves in its receipt."""

from __future__ import annotations

from app.chain.contracts.codec import decode_event
from app.chain.edge import Edge
from app.chain.rpc.answers import Receipt
from app.outbox.kinds import KINDS
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
    if item.kind not in NAMED:
        return bool(ours)
    name, argument, member = NAMED[item.kind]
    found = [event for log in ours if (event := decode_event(log.topics, log.data))]
    return any(
        event.name == name and event.arguments[argument] == item.payload[member] for event in found
    )
