"""Charging a card and contesting a charge, on the wire. Nothing of a holder is among it."""

from __future__ import annotations

from app.endings.schemas import EndingOut
from app.fields import Cents, Choice, Flag, Id, Input, List, Nested, Output, Text, UtcTime
from app.merchants.api.schemas import PaymentOut
from app.merchants.contest_models import ContestReason, ContestState


class CardTyped(Input):
    card_number = Text(required=True, high=40)
    pin = Text(required=True, high=8)


class CardChargeOut(Output):
    """`balance_cents` and what of it ends: for the receipt, in the answer to the charge alone."""

    payment = Nested(PaymentOut)
    balance_cents = Cents(low=0, allow_none=True)
    endings = List(Nested(EndingOut))


class NewContest(Input):
    reason = Choice(ContestReason, required=True)


class NewCounterContest(Input):
    payment_id = Id(required=True)
    reason = Choice(ContestReason, required=True)


class ContestOut(Output):
    id = Id()
    payment_id = Id()
    reason = Choice(ContestReason)
    state = Choice(ContestState)
    opened_at = UtcTime()
    decided_at = UtcTime(allow_none=True)
    refunded_at = UtcTime(allow_none=True)


class ContestList(Output):
    items = List(Nested(ContestOut))


class NewDecision(Input):
    upheld = Flag(required=True)
