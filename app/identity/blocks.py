"""Whether a person's wallet stands still: asked by whoever would spend from it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.errors import Problem, define
from app.identity.block_models import WalletBlock

define(
    "wallet-blocked",
    409,
    en=(
        "This wallet is blocked",
        "Nothing is paid from it for now; deeds go on being recorded.",
        "See “My data” for until when and why, or ask at the counter of the city.",
    ),
    fr=(
        "Ce portefeuille est bloqué",
        "Rien n’en est payé pour l’instant ; les gestes restent enregistrés.",
        "Voyez « Mes données » pour la durée et la raison, ou demandez au guichet de la ville.",
    ),
)
define(
    "wallet-moving",
    409,
    en=(
        "Your wallet is changing its place",
        "Nothing is paid from it until that is done, a minute or two.",
        "Wait a moment, then try again.",
    ),
    fr=(
        "Votre portefeuille change de place",
        "Rien n’en est payé tant que ce n’est pas fini : une minute ou deux.",
        "Attendez un instant, puis réessayez.",
    ),
)


def blocks_in_force(person_id: UUID, now: datetime) -> Select[WalletBlock]:
    """What holds the wallet still at this moment, the longest first."""
    return (
        select(WalletBlock)
        .where(
            col(WalletBlock.person_id) == person_id,
            col(WalletBlock.lifted_at).is_(None),
            col(WalletBlock.until) > now,
        )
        .order_by(col(WalletBlock.until).desc())
    )


def block_of(session: Session, person_id: UUID, now: datetime) -> WalletBlock | None:
    """The block that lasts longest, or none."""
    return session.scalars(blocks_in_force(person_id, now).limit(1)).first()


def check_not_blocked(session: Session, person_id: UUID, now: datetime) -> None:
    """Raises Problem wallet-blocked."""
    if block_of(session, person_id, now) is not None:
        raise Problem("wallet-blocked")
