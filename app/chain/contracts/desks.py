"""Which desk a row is for. An order's or refund's id is its digest for one desk: it names it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile

from app.chain.contracts.calls import Call, call_of
from app.chain.edge import Edge
from app.chain.typed import DESK, Domain, Order, Refund, Struct, digest
from app.outbox.kinds import KINDS, decode_payload
from app.outbox.models import OutboxItem

_SIGNED: Mapping[str, type[Struct]] = {"settle_orders": Order, "settle_refunds": Refund}


def call_for(edge: Edge, items: Sequence[OutboxItem]) -> Call:
    """The call of rows of one kind and place."""
    contract = KINDS[items[0].kind].contract
    return call_of(items, {contract: place_of(edge, items[0])})


def of_one_place(edge: Edge, items: Sequence[OutboxItem]) -> list[OutboxItem]:
    """The first rows that one call can carry: those up to the first for another desk, since none
    may overtake another."""
    if not items:
        return []
    place = place_of(edge, items[0])
    return list(takewhile(lambda item: place_of(edge, item) == place, items))


def place_of(edge: Edge, item: OutboxItem) -> str:
    """The contract that the row goes to: the one in force, unless signatures name another."""
    places = edge.places(KINDS[item.kind].contract)
    if item.kind not in _SIGNED or len(places) == 1:
        return places[0]
    named = (place for place in places if id_at(edge, item, place).hex() == item.key)
    return next(named, places[0])  # where it is skipped, and seen


def id_at(edge: Edge, item: OutboxItem, place: str) -> bytes:
    """What a desk calls an order or a refund: it is the row's key only at the one signed for."""
    signed = _SIGNED[item.kind](*decode_payload(KINDS[item.kind], item.payload)[0])
    domain = Domain(DESK, edge.client.chain_id, place, edge.client.genesis_hash)
    return digest(domain, signed)
