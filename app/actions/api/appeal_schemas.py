"""What appeals and their answers say over the wire."""

from __future__ import annotations

from app.actions.api.schemas import ActionOut
from app.fields import Flag, Id, Input, List, Nested, Output, Text, UtcTime


class NewAppeal(Input):
    text = Text(required=True, high=2000, lines=True)


class AppealOut(Output):
    id = Id(required=True)
    action_id = Id(required=True)
    created_at = UtcTime(required=True)
    upheld = Flag(allow_none=True)
    answered_at = UtcTime(allow_none=True)


class AppealRead(AppealOut):
    text = Text(required=True)
    answer = Text(allow_none=True)
    action = Nested(ActionOut, required=True)


class AppealPage(Output):
    items = List(Nested(AppealOut), required=True)
    next_cursor = Text(allow_none=True)


class NewAnswer(Input):
    upheld = Flag(required=True)
    text = Text(required=True, high=2000, lines=True)
