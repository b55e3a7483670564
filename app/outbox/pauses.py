"""Signers that send nothing: stopped by an operator, or by Civis itself when something is wrong
that only a person can judge. Callers commit."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from sqlmodel import col

from app.outbox.models import KeyPause


def paused(session: Session) -> dict[str, KeyPause]:
    """By signer."""
    return {pause.signer: pause for pause in session.scalars(select(KeyPause))}


def pause(session: Session, signer: str, *, reason: str, now: datetime) -> None:
    """From the next round on; the first reason stays."""
    values = {"signer": signer, "at": now, "reason": reason[:500]}
    session.execute(insert(KeyPause).values(values).on_conflict_do_nothing())


def resume(session: Session, signer: str) -> bool:
    """Whether it was paused."""
    gone = delete(KeyPause).where(col(KeyPause.signer) == signer).returning(col(KeyPause.signer))
    return session.scalar(gone) is not None
