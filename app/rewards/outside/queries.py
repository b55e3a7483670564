"""Reads of outside data for pages, the API and the command."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session
from sqlmodel import col

from app.errors import NotFound
from app.rewards.outside.documents import Document
from app.rewards.outside.models import OutsideData, OutsideKind


def kind_of(word: str) -> OutsideKind:
    """Raises NotFound."""
    try:
        return OutsideKind(word)
    except ValueError as error:
        raise NotFound from error


def all_versions(kind: str | None = None, name: str | None = None) -> Select[OutsideData]:
    query = select(OutsideData)
    if kind is not None:
        query = query.where(col(OutsideData.kind) == OutsideKind(kind))
    return query if name is None else query.where(col(OutsideData.name) == name)


def newest_of_each(session: Session) -> Sequence[OutsideData]:
    """By kind and name."""
    whose = (col(OutsideData.kind), col(OutsideData.name))
    query = select(OutsideData).ext(distinct_on(*whose))
    return session.scalars(query.order_by(*whose, col(OutsideData.version).desc())).all()


def versions_of(session: Session, kind: OutsideKind, name: str) -> Sequence[OutsideData]:
    """Newest first. Raises NotFound where there is none."""
    query = all_versions(kind.value, name).order_by(col(OutsideData.version).desc())
    found = session.scalars(query).all()
    if not found:
        raise NotFound
    return found


def one_version(session: Session, kind: OutsideKind, name: str, version: int) -> OutsideData:
    """Raises NotFound."""
    wanted = all_versions(kind.value, name).where(col(OutsideData.version) == version)
    found = session.scalar(wanted) if version < 2**31 else None
    if found is None:
        raise NotFound
    return found


def holding(rows: Sequence[OutsideData], at: datetime) -> OutsideData | None:
    """Of versions of one name, newest first."""
    return next((row for row in rows if row.valid_from <= at), None)


def document_of(row: OutsideData) -> Document:
    """What its hash was made of."""
    return Document(row.kind, row.name, row.source, row.licence, row.data)
