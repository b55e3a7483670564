"""Consents and the access log over the wire."""

from __future__ import annotations

from app.fields import Choice, Flag, Id, Input, List, Nested, Output, Text, UtcTime, WholeNumber
from app.privacy.rules import ConsentState


class ConsentChoice(Input):
    purpose = Text(required=True, high=64)
    recipient = Text(required=True, high=64)
    notice_version = Text(required=True, high=32)
    given = Flag(required=True)


class ConsentEnd(Input):
    purpose = Text(required=True, high=64)
    recipient = Text(required=True, high=64)


class ConsentOut(Output):
    id = Id(required=True)
    purpose = Text(required=True)
    recipient = Text(required=True)
    notice_version = Text(required=True)
    language = Text(required=True)
    state = Choice(ConsentState, required=True)
    given_at = UtcTime(required=True)
    valid_until = UtcTime(required=True, allow_none=True)
    ended_at = UtcTime(required=True, allow_none=True)


class PurposeOut(Output):
    id = Text(required=True)
    notice_version = Text(required=True)
    basis = Text(required=True)
    asks_consent = Flag(required=True)
    title = Text(required=True)
    text = Text(required=True)
    data = List(Text(), required=True)
    recipients = List(Text(), required=True)
    retention = Text(required=True)
    valid_days = WholeNumber(required=True, allow_none=True)


class ConsentsOut(Output):
    purposes = List(Nested(PurposeOut), required=True)
    consents = List(Nested(ConsentOut), required=True)


class AccessOut(Output):
    at = UtcTime(required=True)
    actor_role = Text(required=True)
    resource = Text(required=True)
    fields_read = List(Text(), required=True, attribute="fields")
    purpose = Text(required=True)


class AccessesOut(Output):
    items = List(Nested(AccessOut), required=True)
    next_cursor = Text(allow_none=True)
