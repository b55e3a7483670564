"""Net shares: how much of a kind of deed a programme takes to be its own doing, and by what source.

Figures are gross. A share never changes one: it stands beside, from the city's records.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from marshmallow import ValidationError
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session
from sqlmodel import col

from app.clock import city_day
from app.errors import Problem, define
from app.fields import Text
from app.impact.catalogue import catalogue
from app.impact.entries import ActionType
from app.reporting.models import NetShare
from app.rewards.models import Programme
from app.rewards.valuing.authenticate import programme_of

_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")
_PERCENT = re.compile(r"([0-9]{1,3})(?:[.,]([0-9]))?")
SOURCE_LENGTH = (10, 500)

define(
    "net-share-kind",
    422,
    en=(
        "This kind of deed can't have a net share",
        "Only kinds with a CO₂e figure can.",
        "Choose one of the list.",
    ),
    fr=(
        "Ce type de geste ne peut avoir de part nette",
        "Seuls ceux qui ont un chiffre de CO₂e le peuvent.",
        "Choisissez-en un dans la liste.",
    ),
)
define(
    "net-share-percent",
    422,
    en=("The share is not right", "From 0 to 100 per cent.", "Type it like 45 or 45.5."),
    fr=("La part ne convient pas", "De 0 à 100 pour cent.", "Écrivez par exemple 45 ou 45,5."),
)
define(
    "net-share-source",
    422,
    en=(
        "The source of the share is missing",
        "Between {least} and {most} signs.",
        "Name who found it out, how and when.",
    ),
    fr=(
        "La source de la part manque",
        "Entre {least} et {most} signes.",
        "Dites qui l’a établie, comment et quand.",
    ),
)
define(
    "net-share-month",
    422,
    en=("This month is not understood", "A share counts from a month on.", "Type it like 2026-03."),
    fr=("Ce mois n’est pas compris", "Une part compte à partir d’un mois.", "Écrivez 2026-03."),
)


@dataclass(frozen=True)
class Typed:
    """As an officer wrote it: `percent` like 45 or 45.5, `month` like 2026-03."""

    action_type: str
    percent: str
    source: str
    month: str


def set_net_share(
    session: Session, programme_id: UUID, typed: Typed, *, by: UUID, now: datetime
) -> NetShare:
    """Counts for deeds from a month on; the one before stays on record. Raises Problem."""
    programme = programme_of(session, programme_id)
    share = NetShare(
        programme_id=programme.id,
        action_type_id=_kind(typed.action_type),
        permille=_permille(typed.percent),
        source=_source(typed.source),
        from_month=_month(typed.month),
        set_at=now,
        set_by=by,
    )
    session.add(share)
    session.flush()
    return share


def net_shares_of(session: Session, programme_id: UUID) -> Sequence[NetShare]:
    """Every one ever set, the newest first."""
    query = select(NetShare).where(col(NetShare.programme_id) == programme_id)
    return session.scalars(query.order_by(col(NetShare.id).desc())).all()


def published(session: Session) -> list[dict[str, Any]]:
    """What holds: the last said for each programme, kind of deed and month, oldest month first."""
    holds = (col(NetShare.programme_id), col(NetShare.action_type_id), col(NetShare.from_month))
    query = (
        select(NetShare, col(Programme.chain_id))
        .join(Programme, col(Programme.id) == col(NetShare.programme_id))
        .ext(distinct_on(*holds))
        .order_by(*holds, col(NetShare.id).desc())
    )
    return [
        {
            "programme": "0x" + chain_id.hex(),
            "action_type": share.action_type_id,
            "permille": share.permille,
            "source": share.source,
            "from_month": f"{share.from_month:%Y-%m}",
            "set_on": city_day(session, share.set_at).isoformat(),
            "provenance": "records",
        }
        for share, chain_id in session.execute(query)
    ]


def kinds() -> list[ActionType]:
    """Those that a share can be of."""
    return [kind for kind in catalogue().action_types() if kind.co2e]


def _kind(slug: str) -> str:
    if slug not in {kind.id for kind in kinds()}:
        raise Problem("net-share-kind", field="action_type")
    return slug


def _permille(text: str) -> int:
    found = _PERCENT.fullmatch(text.strip())
    permille = int(found[1]) * 10 + int(found[2] or 0) if found else 1001
    if permille > 1000:
        raise Problem("net-share-percent", field="percent")
    return permille


def _source(text: str) -> str:
    least, most = SOURCE_LENGTH
    try:
        return str(Text(low=least, high=most).deserialize(text))
    except ValidationError as error:
        raise Problem("net-share-source", field="source", least=least, most=most) from error


def _month(text: str) -> date:
    found = _MONTH.fullmatch(text.strip())
    if not found:
        raise Problem("net-share-month", field="month")
    return date(int(found[1]), int(found[2]), 1)
