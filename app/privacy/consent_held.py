"""Whether a consent holds, asked at every use: nobody keeps the answer."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    LargeBinary,
    String,
    Uuid,
    and_,
    bindparam,
    exists,
    literal,
    literal_column,
    or_,
    select,
)
from sqlalchemy.orm import Session
from sqlmodel import col

from app.clock import clock_of
from app.driver import Fixed
from app.errors import Problem
from app.privacy.models import Consent
from app.privacy.notices import purpose_named
from app.privacy.rules import ConsentState


def in_force(session: Session, purpose: str) -> ColumnElement[bool]:
    """Of a row of `consent`: it holds now, for the notice in force. Also within other queries."""
    notice_hash = literal(purpose_named(purpose).hash)
    return _in_force(literal_column(clock_of(session).sql), literal(purpose), notice_hash)


def _in_force(
    now: ColumnElement[datetime], purpose: ColumnElement[str], notice_hash: ColumnElement[bytes]
) -> ColumnElement[bool]:
    until = col(Consent.valid_until)
    return and_(
        col(Consent.purpose) == purpose,
        col(Consent.state) == literal_column(f"'{ConsentState.GIVEN.value}'"),
        col(Consent.notice_hash) == notice_hash,
        or_(until.is_(None), until > now),
    )


def agrees(
    now: ColumnElement[datetime], subject: ColumnElement[UUID], purpose: str, recipient: str
) -> ColumnElement[bool]:
    """The condition, inside another statement, under which a subject agrees; no value is bound."""
    notice_hash = literal_column(f"'\\x{purpose_named(purpose).hash.hex()}'::bytea", LargeBinary())
    return _given(now, subject, literal(recipient), literal(purpose), notice_hash)


def _given(
    now: ColumnElement[datetime],
    subject: ColumnElement[UUID],
    recipient: ColumnElement[str],
    *notice: Any,
) -> ColumnElement[bool]:
    return exists().where(
        col(Consent.subject_id) == subject,
        col(Consent.recipient) == recipient,
        _in_force(now, *notice),
    )


def has_consent(session: Session, subject_id: UUID, purpose: str, recipient: str) -> bool:
    """Whether it holds now, for the notice in force. Ask at each use, keep no answer."""
    values = {
        "subject": subject_id,
        "recipient": recipient,
        "purpose": purpose,
        "notice_hash": purpose_named(purpose).hash,
    }
    return bool(_held(clock_of(session).sql).rows(session, values)[0][0])


@cache
def _held(clock_sql: str) -> Fixed:
    subject, notice_hash = (
        bindparam("subject", type_=Uuid()),
        bindparam("notice_hash", type_=LargeBinary()),
    )
    recipient, purpose = (bindparam(name, type_=String()) for name in ("recipient", "purpose"))
    now: ColumnElement[datetime] = literal_column(clock_sql)
    return Fixed(select(_given(now, subject, recipient, purpose, notice_hash)))


def check_consent(session: Session, subject_id: UUID, purpose: str, recipient: str) -> None:
    """Raises Problem consent-missing."""
    if not has_consent(session, subject_id, purpose, recipient):
        raise Problem("consent-missing")
