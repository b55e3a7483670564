"""A proposal as programs read it."""

from __future__ import annotations

from typing import Any

from marshmallow.fields import Field as BaseField

from app.fields import Choice, Email, Id, Input, List, Nested, Output, Text, UtcTime
from app.governance.models import ProposalState
from app.governance.roles import GIVEN
from app.identity.models import Role


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


class NewRoleIn(Input):
    email = Email(required=True)
    role = Choice([role.value for role in GIVEN], required=True)
    organisation_id = Id(load_default=None, allow_none=True)
    valid_until = UtcTime(required=True)


class RoleGrantOut(Output):
    id = Id(required=True)
    person_id = Id(required=True)
    role = Choice(Role, required=True)
    organisation_id = Id(allow_none=True)
    valid_from = UtcTime(required=True)
    valid_until = UtcTime(allow_none=True)
    granted_by = Id(allow_none=True)
    confirmed_by = Id(allow_none=True)


class RoleGrantPage(Output):
    items = List(Nested(RoleGrantOut), required=True)
    next_cursor = Text(allow_none=True)
