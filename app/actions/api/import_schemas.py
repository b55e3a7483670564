"""What imports and riders' links say over the wire."""

from __future__ import annotations

from typing import Any

from marshmallow.fields import Field as BaseField

from app.chain_fields import Address, Hash32, Signature
from app.fields import (
    Choice,
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


class NewImport(Input):
    """Parts of a multipart/form-data body; `file` is the CSV, sent last.

    `time_zones` and `duration_in_milliseconds_for` are JSON text. The statement's parts come
    together with `seed` and `signature`, or not at all where the server keeps the partner's key.
    """

    file = BaseField[Any](load_default=None, metadata={"type": "string", "format": "binary"})
    programme_id = Id(required=True)
    action_type = Text(load_default=None, high=60)
    time_zone = Text(load_default=None, high=60)
    time_zone_column = Text(load_default=None, high=60)
    time_zones = Text(load_default=None, high=5000)
    duration_in_milliseconds_for = Text(load_default=None, high=5000)
    seed = Hash32(load_default=None)
    root = Hash32(load_default=None)
    rows = QueryNumber(load_default=None, high=2**32 - 1)
    stated_at = QueryNumber(load_default=None, high=2**40)
    signature = Signature(load_default=None)


class ImportFailure(Output):
    """Why the file as a whole was not taken."""

    title = Text(required=True)
    detail = Text(required=True)
    remedy = Text(required=True)


class ImportOut(Output):
    """How far a job is; `counts` by result. `problem` says in words what `error` says in code."""

    id = Id(required=True)
    state = Choice(("waiting", "running", "done", "failed"), required=True)
    created_at = UtcTime(required=True)
    finished_at = UtcTime(allow_none=True)
    rows_total = WholeNumber(allow_none=True)
    rows_done = WholeNumber(required=True)
    counts = BaseField[Any](required=True, metadata={"type": "object"})
    error = Text(allow_none=True)
    problem = Nested(ImportFailure, allow_none=True)


class ImportList(Output):
    items = List(Nested(ImportOut), required=True)
    next_cursor = Text(allow_none=True)


class SigningOut(Output):
    """For which key and contract an ImportStatement is signed."""

    partner = Address(required=True)
    name = Text(required=True)
    chain_id = WholeNumber(required=True)
    contract = Address(required=True)
    salt = Hash32(required=True)


class NewLinkCode(Input):
    organisation_id = Id(required=True)
    notice_version = Text(load_default=None, high=40)


class LinkCodeOut(Output):
    code = Text(required=True)
    expires_at = UtcTime(required=True)


class LinkOut(Output):
    id = Id(required=True)
    organisation_id = Id(required=True)
    linked_at = UtcTime(required=True)


class LinkList(Output):
    items = List(Nested(LinkOut), required=True)


class NewLink(Input):
    rider_ref = Text(required=True, high=200)
    code = Text(required=True, high=20)
