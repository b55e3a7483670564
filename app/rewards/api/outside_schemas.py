"""Outside data over the wire."""

from __future__ import annotations

from typing import Any

from marshmallow.fields import Field as BaseField

from app.chain_fields import Hash32
from app.fields import Choice, Input, List, Nested, Output, Text, UtcTime, WholeNumber
from app.paging import PageQuery
from app.rewards.outside.documents import KINDS
from app.rewards.outside.models import OutsideKind


class NewOutside(Input):
    """`document`: kind, name, source, licence and data, as docs/rules.md has it. What is wrong in
    it is named by its path in the document."""

    document = BaseField[Any](required=True, metadata={"type": "object"})
    valid_from = UtcTime(required=True)


class OutsideQuery(PageQuery):
    kind = Choice(KINDS, load_default=None)
    name = Text(load_default=None, high=64)


class OutsideOut(Output):
    kind = Choice(OutsideKind, required=True)
    name = Text(required=True)
    version = WholeNumber(required=True)
    hash = Hash32(required=True)
    source = Text(required=True)
    licence = Text(required=True)
    valid_from = UtcTime(required=True)
    created_at = UtcTime(required=True)


class OutsideDataOut(OutsideOut):
    data = BaseField[Any](required=True, metadata={"type": "object"})


class OutsideList(Output):
    items = List(Nested(OutsideOut), required=True)
    next_cursor = Text(allow_none=True)


class ReliedOut(Output):
    """What rules relied on outside themselves when they were published."""

    kind = Choice(OutsideKind, required=True)
    name = Text(required=True)
    version = WholeNumber(required=True)
    hash = Text(required=True)
