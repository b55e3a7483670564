"""Requests for people's data, and their answers, over the wire."""

from __future__ import annotations

from app.fields import (
    Choice,
    Day,
    Flag,
    Id,
    Input,
    List,
    Nested,
    Output,
    QueryNumber,
    Text,
    UtcTime,
    WholeNumber,
)
from app.paging import PageQuery
from app.rights.disclosure_models import DisclosureState

WITHHELD = ("no-consent", "halted", "not-in-register", "erased")


class NewDisclosure(Input):
    purpose = Text(required=True, high=64)
    recipient = Text(required=True, high=64)
    fields_wanted = List(Text(high=64), required=True, data_key="fields")
    study = Text(required=True, low=10, high=500)


class DisclosureDecision(Input):
    admitted = Flag(required=True)


class DisclosureOut(Output):
    id = Id(required=True)
    purpose = Text(required=True)
    recipient = Text(required=True)
    fields_wanted = List(Text(), required=True, attribute="fields", data_key="fields")
    study = Text(required=True)
    state = Choice(DisclosureState, required=True)
    asked_at = UtcTime(required=True)
    decided_at = UtcTime(required=True, allow_none=True)
    until = UtcTime(required=True, allow_none=True)


class DisclosurePage(Output):
    items = List(Nested(DisclosureOut), required=True)
    next_cursor = Text(allow_none=True)


class PeopleQuery(PageQuery):
    limit = QueryNumber(load_default=20, low=1, high=50)


class DeedHandedOut(Output):
    action_type = Text(required=True)
    unit = Text(required=True)
    quantity = WholeNumber(required=True)
    day = Day(required=True)
    district = Text(required=True, allow_none=True)


class FieldHandedOut(Output):
    """Either of `given` and `withheld`."""

    field = Text(required=True)
    given = List(Nested(DeedHandedOut), required=True, allow_none=True)
    withheld = Choice(WITHHELD, required=True, allow_none=True)


class PersonHandedOut(Output):
    person = Text(required=True, allow_none=True)
    fields_answered = List(
        Nested(FieldHandedOut), required=True, attribute="fields", data_key="fields"
    )


class HandedOutPage(Output):
    items = List(Nested(PersonHandedOut), required=True)
    next_cursor = Text(allow_none=True)
