"""Outbox rows as the one contract call that carries them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.chain.contracts.codec import encode_call
from app.outbox.kinds import KINDS, decode_payload
from app.outbox.models import OutboxItem


@dataclass(frozen=True)
class Call:
    to: str
    data: bytes


def call_of(items: Sequence[OutboxItem], addresses: Mapping[str, str]) -> Call:
    """The call for rows of one kind; a grouping kind's arguments are lists over the rows."""
    kind = KINDS[items[0].kind]
    rows = [decode_payload(kind, item.payload) for item in items]
    arguments: list[Any] = [list(column) for column in zip(*rows, strict=True)]
    if kind.group == 1:
        (arguments,) = rows
    return Call(addresses[kind.contract], encode_call(kind.contract, kind.function, arguments))
