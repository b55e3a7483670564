"""Requests about one's own data, and the end of an account, over the wire."""

from __future__ import annotations

from app.fields import Choice, Flag, Id, Input, List, Nested, Output, Text, UtcTime, WholeNumber
from app.rights.models import RequestKind, RequestState

ASKED = (
    RequestKind.RECTIFICATION,
    RequestKind.RESTRICTION,
    RequestKind.OBJECTION,
)  # what a click doesn't do already


class NewRequest(Input):
    kind = Choice([kind.value for kind in ASKED], required=True)
    purpose = Text(load_default=None, high=64)
    text = Text(load_default=None, low=1, high=2000, lines=True)


class RequestOut(Output):
    id = Id(required=True)
    kind = Choice(RequestKind, required=True)
    purpose = Text(required=True, allow_none=True)
    state = Choice(RequestState, required=True)
    received_at = UtcTime(required=True)
    due_at = UtcTime(required=True)
    extended = Flag(required=True)
    closed_at = UtcTime(required=True, allow_none=True)


class RequestRead(RequestOut):
    text = Text(required=True, allow_none=True)
    answer = Text(required=True, allow_none=True)


class RequestPage(Output):
    items = List(Nested(RequestOut), required=True)
    next_cursor = Text(allow_none=True)


class RequestQueue(Output):
    items = List(Nested(RequestOut), required=True)


class RequestAnswer(Input):
    granted = Flag(required=True)
    text = Text(required=True, low=1, high=2000, lines=True)


class MoreTime(Input):
    text = Text(required=True, low=1, high=2000, lines=True)


class HaltOut(Output):
    purpose = Text(required=True, allow_none=True)
    since = UtcTime(required=True)


class HaltList(Output):
    items = List(Nested(HaltOut), required=True)


class ReceiverOut(Output):
    id = Id(required=True)
    name = Text(required=True)


class ClosingOut(Output):
    """What closing the account would end, and who can be given what is left."""

    available_cents = WholeNumber(required=True)
    coming_cents = WholeNumber(required=True)
    on_the_way = WholeNumber(required=True)
    complete_at = UtcTime(required=True)
    receivers = List(Nested(ReceiverOut), required=True)


class NewClosing(Input):
    gift_to = Id(load_default=None)
