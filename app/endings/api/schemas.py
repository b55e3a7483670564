"""A programme's end and its remainder, over the wire."""

from __future__ import annotations

from app.fields import (
    Cents,
    Choice,
    Day,
    Flag,
    Id,
    Input,
    List,
    Nested,
    Output,
    Text,
    UtcTime,
    WholeNumber,
)
from app.rewards.models import ProgrammeState


class NewEnd(Input):
    last_day_to_spend = Day(required=True)


class HindranceOut(Output):
    """What keeps a programme from being closed, and what settles it."""

    code = Text(required=True)
    detail = Text(required=True)
    remedy = Text(required=True)


class EndOut(Output):
    programme_id = Id(required=True, attribute="programme.id")
    state = Choice(ProgrammeState, required=True, attribute="programme.state")
    short_timetable = Flag(required=True, attribute="programme.short_timetable")
    last_day_to_earn = Day(required=True, attribute="programme.last_day_to_earn")
    last_day_to_spend = Day(required=True, attribute="programme.last_day_to_spend")
    first_last_day = Day(allow_none=True)
    end_announced_at = UtcTime(allow_none=True, attribute="programme.end_announced_at")
    told_by_letter = WholeNumber(required=True)
    told_otherwise = WholeNumber(required=True)
    not_told = WholeNumber(required=True)
    closable_from = UtcTime(required=True)
    close_decided_at = UtcTime(allow_none=True, attribute="programme.close_decided_at")
    closed_at = UtcTime(allow_none=True, attribute="programme.closed_at")
    hindrances = List(Nested(HindranceOut), required=True)
    outstanding_cents = WholeNumber(required=True)
    left_cents = WholeNumber(required=True)


class NewReturn(Input):
    amount_cents = Cents(required=True, high=10**12)
    bank_reference = Text(required=True, low=4, high=140)


class ReturnOut(Output):
    """A bank transfer back to the funder; it counts once it is final on the chain."""

    id = Id(required=True)
    programme_id = Id(required=True)
    amount_cents = Cents(required=True)
    bank_reference = Text(required=True)
    proposed_at = UtcTime(required=True)
    proposed_by = Id(required=True)
    confirmed_at = UtcTime(allow_none=True)
    confirmed_by = Id(allow_none=True)
    final_at = UtcTime(allow_none=True)
    withdrawn_at = UtcTime(allow_none=True)


class ReturnPage(Output):
    items = List(Nested(ReturnOut), required=True)
    next_cursor = Text(allow_none=True)
