"""A proposal as programs read it."""

from __future__ import annotations

from typing import Any

from marshmallow.fields import Field as BaseField

from app.fields import Choice, Id, List, Nested, Output, Text, UtcTime
from app.governance.models import ProposalState


class ProposalOut(Output):
    id = Id(required=True)
    kind = Text(required=True)
    subject = Text(required=True)
    payload = BaseField[Any](required=True, metadata={"type": "object"})
    state = Choice(ProposalState, required=True)
    proposed_by = Id(required=True)
    proposed_at = UtcTime(required=True)
    decided_by = Id(allow_none=True)
    decided_at = UtcTime(allow_none=True)


class ProposalPage(Output):
    items = List(Nested(ProposalOut), required=True)
    next_cursor = Text(allow_none=True)
