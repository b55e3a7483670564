"""Blocks and recoveries over the wire."""

from __future__ import annotations

from app.chain_fields import Address
from app.fields import Choice, Email, Flag, Id, Input, List, Nested, Output, Text, UtcTime
from app.identity.block_models import BlockChannel
from app.recovery.models import RecoveryKind, RecoveryState, Seen


class NewBlock(Input):
    known_by = Text(required=True, low=3, high=254)
    channel = Choice([BlockChannel.COUNTER.value, BlockChannel.TELEPHONE.value], required=True)


class BlockOut(Output):
    id = Id(required=True)
    channel = Choice(BlockChannel, required=True)
    since = UtcTime(required=True)
    until = UtcTime(required=True)


class NewRecovery(Input):
    known_by = Text(required=True, low=3, high=254)
    email = Email(required=True)
    seen = Choice([one.value for one in Seen], required=True)


class NewDeviceRecovery(Input):
    known_by = Text(required=True, low=3, high=254)
    programme_id = Id(required=True)
    new_address = Address(required=True)
    seen = Choice([one.value for one in Seen], required=True)


class RecoveryOut(Output):
    id = Id(required=True)
    kind = Choice(RecoveryKind, required=True)
    state = Choice(RecoveryState, required=True)
    proposed_at = UtcTime(required=True)
    ready_at = UtcTime(required=True, allow_none=True)
    ends_at = UtcTime(required=True)
    objected_at = UtcTime(required=True, allow_none=True)


class RecoveryRead(RecoveryOut):
    person_id = Id(required=True)
    seen = Choice(Seen, required=True)
    proposed_by = Id(required=True)
    confirmed_by = Id(required=True, allow_none=True)


class RecoveryList(Output):
    items = List(Nested(RecoveryRead), required=True)


class OwnWallet(Output):
    """A person's own: what holds it still, and what officers are about to do."""

    blocks = List(Nested(BlockOut), required=True)
    recoveries = List(Nested(RecoveryOut), required=True)


class NewVote(Input):
    in_favour = Flag(required=True)
