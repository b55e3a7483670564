"""What programmes, their money and balances say over the wire."""

from __future__ import annotations

from typing import Any

from marshmallow.fields import Field as BaseField

from app.chain_fields import Address, Hash32
from app.fields import (
    MAX_WHOLE,
    Cents,
    Choice,
    Day,
    Flag,
    Id,
    Input,
    List,
    Nested,
    Output,
    Short,
    Text,
    UtcTime,
    WholeNumber,
)
from app.rewards.api.outside_schemas import ReliedOut
from app.rewards.batches.waiting import Reason
from app.rewards.models import ProgrammeState

DAY = 86_400


class ComingOut(Output):
    action_id = Id(required=True)
    cents = WholeNumber(required=True)
    due_at = UtcTime(allow_none=True)
    waits_for = Choice(Reason, allow_none=True)
    waits_until = UtcTime(allow_none=True)


class AccountMoney(Output):
    programme_id = Id(required=True, attribute="programme.id")
    address = Address(required=True)
    balance_cents = WholeNumber(required=True)
    available_cents = WholeNumber(required=True)
    worth_cents = WholeNumber(required=True)
    owed_cents = WholeNumber(low=-MAX_WHOLE, required=True)
    last_day_to_earn = Day(required=True, attribute="programme.last_day_to_earn")
    last_day_to_spend = Day(required=True, attribute="programme.last_day_to_spend")
    end_announced_at = UtcTime(allow_none=True, attribute="programme.end_announced_at")


class HomeOut(Output):
    """One token buys goods for one euro. `coming_back_cents`: refunds on their way. An account's
    `owed_cents` is still to be set against what comes; under zero it is still to be added."""

    available_cents = WholeNumber(required=True)
    coming_cents = WholeNumber(required=True)
    coming_back_cents = WholeNumber(required=True)
    accounts = List(Nested(AccountMoney), required=True)
    coming = List(Nested(ComingOut), required=True)


class NameIn(Input):
    fr = Text(required=True, high=100)
    en = Text(required=True, high=100)


class Timetable(Input):
    """Seconds; what is left out is as the programme's defaults."""

    undo_seconds = WholeNumber(low=1, high=DAY)
    delay_attested_seconds = WholeNumber(low=1, high=30 * DAY)
    delay_evidenced_seconds = WholeNumber(low=1, high=30 * DAY)
    period_seconds = WholeNumber(low=60, high=366 * DAY)
    batch_min_accounts = WholeNumber(low=10, high=10_000)
    batch_max_age_seconds = WholeNumber(low=60, high=30 * DAY)


class NewProgrammeIn(Input):
    slug = Short("a-z0-9-", low=3, high=40, required=True)
    name = Nested(NameIn, required=True)
    token_symbol = Short("A-Z", low=2, high=8, required=True)
    first_day = Day(required=True)
    last_day_to_earn = Day(required=True)
    last_day_to_spend = Day(required=True)
    budget_cents = Cents(load_default=None, high=10**12)
    rules = BaseField[Any](required=True, metadata={"type": "object"})
    acknowledged = Flag(load_default=False)
    options = Nested(Timetable, load_default=dict)


class ProgrammeOut(Output):
    id = Id(required=True)
    chain_id = Hash32(required=True)
    slug = Text(required=True)
    name = BaseField[Any](required=True, metadata={"type": "object"})
    token_symbol = Text(required=True)
    token_address = Address(allow_none=True)
    state = Choice(ProgrammeState, required=True)
    time_zone = Text(required=True)
    first_day = Day(required=True)
    last_day_to_earn = Day(required=True)
    last_day_to_spend = Day(required=True)
    end_announced_at = UtcTime(allow_none=True)
    closed_at = UtcTime(allow_none=True)
    budget_cents = Cents(allow_none=True)
    short_timetable = Flag(required=True)
    undo_seconds = WholeNumber(required=True)
    delay_attested_seconds = WholeNumber(required=True)
    delay_evidenced_seconds = WholeNumber(required=True)
    period_seconds = WholeNumber(required=True)


class ProgrammeList(Output):
    items = List(Nested(ProgrammeOut), required=True)


class ProgressOut(Output):
    """Sums of published cells, corrections subtracted."""

    actions = WholeNumber(required=True)
    reward_cents = WholeNumber(required=True)
    own_word_actions = WholeNumber(required=True)


class PossibleOut(Output):
    """`numerator_cents`, `denominator` and `max_cents` only where the rules are of version 1."""

    action_type = Text(required=True, attribute="action_type.id")
    name = BaseField[Any](required=True, attribute="action_type.name", metadata={"type": "object"})
    unit = Text(required=True, attribute="action_type.unit")
    numerator_cents = WholeNumber(attribute="rate.numerator")
    denominator = WholeNumber(attribute="rate.denominator", allow_none=True)
    max_cents = WholeNumber(attribute="rate.max_cents", allow_none=True)
    sentences = List(Text(), required=True)


class PossibleList(Output):
    items = List(Nested(PossibleOut), required=True)


class NewRules(Input):
    """`acknowledged`: the warnings of the rules have been seen."""

    rules = BaseField[Any](required=True, metadata={"type": "object"})
    acknowledged = Flag(load_default=False)
    valid_from = UtcTime(required=True)


class RulesOut(Output):
    programme_id = Id(required=True)
    version = WholeNumber(required=True)
    hash = Hash32(required=True)
    valid_from = UtcTime(required=True)
    rules = BaseField[Any](required=True, metadata={"type": "object"})
    outside = List(Nested(ReliedOut), required=True)


class RulesList(Output):
    items = List(Nested(RulesOut), required=True)


class BudgetOut(Output):
    """Cents. `reserved` and `minted` together never pass `funded`. `runs_out_on`: at the pace of
    the last four weeks (`a_day`), null where it lasts to the last day to earn. `short`: eight
    tenths are promised."""

    funded = WholeNumber(required=True)
    reserved = WholeNumber(required=True)
    minted = WholeNumber(required=True)
    left = WholeNumber(required=True)
    spent = WholeNumber(required=True)
    paid_out = WholeNumber(required=True)
    given_back = WholeNumber(required=True)
    expired = WholeNumber(required=True)
    a_day = WholeNumber(required=True)
    runs_out_on = Day(allow_none=True)
    short = Flag(required=True)


class NewFunding(Input):
    amount_cents = Cents(required=True, high=10**12)
    bank_reference = Text(required=True, low=4, high=140)


class FundingOut(Output):
    id = Id(required=True)
    programme_id = Id(required=True)
    amount_cents = Cents(required=True)
    bank_reference = Text(required=True)
    proposed_at = UtcTime(required=True)
    confirmed_at = UtcTime(allow_none=True)
    final_at = UtcTime(allow_none=True)
    withdrawn_at = UtcTime(allow_none=True)


class FundingList(Output):
    items = List(Nested(FundingOut), required=True)
