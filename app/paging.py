"""Lists by cursor: newest first, stable while rows are added, no offset.

    items, cursor = page(session, select(Payment).where(...), key=Payment.id,
                         cursor=query["cursor"], limit=query["limit"])

The key is a unique, ordered column; UUIDv7 ids are. A cursor is opaque and authenticated with a
key of the service, so that garbage, or one from another list, is a 422 problem `bad-cursor`.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.errors import Problem
from app.fields import Input, QueryNumber, Text
from app.privacy.service import keyed_hash

T = TypeVar("T")
_TAG = 8
DEFAULT_LIMIT, MAX_LIMIT = 50, 200


class PageQuery(Input):
    """?cursor=...&limit=50; derive from it to add filters."""

    cursor = Text(load_default=None, high=200)
    limit = QueryNumber(load_default=DEFAULT_LIMIT, low=1, high=MAX_LIMIT)


def page(
    session: Session, query: Select[T], *, key: Any, cursor: str | None, limit: int
) -> tuple[Sequence[T], str | None]:
    """The rows after the cursor and the cursor of what follows, None at the end."""
    column: InstrumentedAttribute[UUID] = key
    scope = str(column)
    if cursor is not None:
        query = query.where(column < _open(session, scope, cursor))
    rows = session.scalars(query.order_by(None).order_by(column.desc()).limit(limit + 1)).all()
    if len(rows) <= limit:
        return rows, None
    last: UUID = getattr(rows[limit - 1], column.key)
    return rows[:limit], _make(session, scope, last)


def _make(session: Session, scope: str, key: UUID) -> str:
    tag = keyed_hash(session, "cursor", scope, key.bytes)[:_TAG]
    return base64.urlsafe_b64encode(key.bytes + tag).decode().rstrip("=")


def _open(session: Session, scope: str, cursor: str) -> UUID:
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise Problem("bad-cursor", field="cursor") from error
    key, tag = raw[:16], raw[16:]
    expected = keyed_hash(session, "cursor", scope, key)[:_TAG]
    if len(key) != 16 or not hmac.compare_digest(tag, expected):
        raise Problem("bad-cursor", field="cursor")
    return UUID(bytes=key)
