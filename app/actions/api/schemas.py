"""What deeds, their statements and their reviews say over the wire."""

from __future__ import annotations

from typing import Any

from marshmallow.fields import Field as BaseField

from app.actions.api.told_schemas import ToldByCitizen, ToldByClerk
from app.actions.codes import choosable
from app.actions.key_revocation import REASONS as REVOCATION_REASONS
from app.actions.models import ActionState, Channel, ProofLevel
from app.chain_fields import Address, Hash32, Signature
from app.fields import (
    Choice,
    Day,
    Flag,
    Id,
    Input,
    List,
    Nested,
    Output,
    Quantity,
    Text,
    UtcTime,
    WholeNumber,
)
from app.identity.models import KeyCustody
from app.rewards.batches.waiting import Reason
from app.rewards.valuing.found_facts import FACTS

MAX_UINT64 = 2**64 - 1
LAST_SECOND = 253_402_300_799  # of the year 9999: later ones are no time in Python


class Reward(Output):
    """`rule`: the entry of the rule set, empty where none is; `cents`: exact decimals, whose sum
    over all lines is the reward."""

    rule = Text(required=True)
    code = Text(required=True)
    cents = Text(required=True)
    sentence = Text(required=True)


class NewDeed(Input):
    programme_id = Id(required=True)
    action_type = Text(required=True, high=60)
    quantity = Quantity(required=True, allow_none=True)
    deed_at = UtcTime(required=True)
    district = Text(load_default=None, high=100)
    note = Text(load_default=None, high=1000, lines=True)
    told = Nested(ToldByCitizen, load_default=dict)
    confirmed_unusual = Flag(load_default=False)


class ActionOut(Output):
    """A deed as its doer and the officer see it."""

    id = Id(required=True)
    programme_id = Id(required=True)
    action_type_id = Text(required=True)
    action_type_version = WholeNumber(required=True)
    quantity = WholeNumber(required=True)
    unit = Text(required=True)
    deed_at = UtcTime(required=True)
    recorded_at = UtcTime(required=True)
    district = Text(allow_none=True)
    told = BaseField[Any](required=True, metadata={"type": "object"})
    channel = Choice(Channel, required=True)
    proof_level = Choice(ProofLevel, required=True)
    state = Choice(ActionState, required=True)
    reason_code = Text(allow_none=True)
    reason = Text(allow_none=True)
    remedy = Text(allow_none=True)
    reward_cents = WholeNumber(required=True)
    explanation = List(Nested(Reward), required=True)
    asks = List(Choice(FACTS), required=True)
    undo_until = UtcTime(allow_none=True)
    due_at = UtcTime(allow_none=True)
    waits_for = Choice(Reason, allow_none=True)
    waits_until = UtcTime(allow_none=True)


class ActionPage(Output):
    items = List(Nested(ActionOut), required=True)
    next_cursor = Text(allow_none=True)


class WaitingOut(ActionOut):
    """A deed that waits for an officer. `chain_refusal`: as what the chain refused it."""

    chain_refusal = Text(allow_none=True)
    may_release = Flag(required=True)


class WaitingPage(Output):
    items = List(Nested(WaitingOut), required=True)
    next_cursor = Text(allow_none=True)


class EnteredOut(Output):
    """A deed as the clerk sees it: nothing of whose it is, nothing of its reward."""

    id = Id(required=True)
    action_type_id = Text(required=True)
    quantity = WholeNumber(required=True)
    unit = Text(required=True)
    deed_at = UtcTime(required=True)
    recorded_at = UtcTime(required=True)
    state = Choice(ActionState, required=True)
    undo_until = UtcTime(allow_none=True)


class EnteredList(Output):
    items = List(Nested(EnteredOut), required=True)


class NewVisit(Input):
    programme_id = Id(required=True)
    short_number = Text(required=True, high=20)
    time_code = Text(required=True, high=20)


class NewCardVisit(Input):
    programme_id = Id(required=True)
    card_number = Text(required=True, high=40)


class VisitOut(Output):
    """For ten minutes the clerk may vouch for whoever stands there, as `subject`."""

    subject = Hash32(required=True)
    programme_id = Id(required=True)
    expires_at = UtcTime(required=True)


class NewDraft(Input):
    subject = Hash32(required=True)
    action_type = Text(required=True, high=60)
    quantity = Quantity(required=True, allow_none=True)
    deed_at = UtcTime(load_default=None)
    told = Nested(ToldByClerk, load_default=dict)
    confirmed_unusual = Flag(load_default=False)


class DraftOut(Output):
    """What the clerk's key is to sign, as eth_signTypedData_v4 takes it."""

    statement = BaseField[Any](required=True, metadata={"type": "object"})
    typed_data = BaseField[Any](required=True, metadata={"type": "object"})


class StatementIn(Input):
    """The fields of the signed struct."""

    programme_id = Hash32(required=True)
    attester = Address(required=True)
    subject = Hash32(required=True)
    action_type_id = WholeNumber(required=True, high=2**32 - 1)
    action_type_version = WholeNumber(required=True, high=2**16 - 1)
    quantity = WholeNumber(required=True, high=MAX_UINT64)
    deed_at = WholeNumber(required=True, high=LAST_SECOND)
    nonce = Hash32(required=True)


class NewAttestation(Input):
    """`told` as it was sent for the draft: the statement's nonce holds it."""

    statement = Nested(StatementIn, required=True)
    signature = Signature(load_default=None, allow_none=True)
    told = Nested(ToldByClerk, load_default=dict)
    confirmed_unusual = Flag(load_default=False)


class SignedAttestation(Input):
    """As a page's form brings it: always signed in the browser."""

    statement = Nested(StatementIn, required=True)
    signature = Signature(required=True)


class DayQuery(Input):
    day = Day(load_default=None)


class NewKey(Input):
    address = Address(required=True)
    scope = List(Text(high=60), load_default=list)


class NewCertificate(Input):
    signature = Signature(required=True)
    scope = List(
        Text(high=60),
        load_default=None,
        allow_none=True,
        metadata={"description": "Kinds of deed it was signed for, if fewer than asked for."},
    )


class Revocation(Input):
    for_cause = Flag(required=True)


class KeyOut(Output):
    address = Address(required=True)
    custody = Choice(KeyCustody, required=True)
    scope = List(Text(), required=True)
    scope_hash = Hash32(required=True)
    certified_by_address = Address(allow_none=True)
    valid_from = UtcTime(required=True)
    valid_until = UtcTime(required=True)
    revoked_at = UtcTime(allow_none=True)
    certificate = BaseField[Any](allow_none=True, metadata={"type": "object"})


class KeyList(Output):
    items = List(Nested(KeyOut), required=True)


class WithReason(Input):
    reason = Choice(choosable(), required=True)


class NewRevocation(Input):
    reason = Choice(list(REVOCATION_REASONS), required=True)


class Ceilings(Input):
    actions_per_day = WholeNumber(required=True, high=10**6)
    reward_cents_per_day = WholeNumber(required=True, high=10**9)


class CeilingsOut(Output):
    id = Id(required=True)
    actions_per_day = WholeNumber(required=True)
    reward_cents_per_day = WholeNumber(required=True)
