"""Published cells added up by PostgreSQL, for pages that need a few months or kinds of deed.

The same sums as `app.reporting.figures`, which the export and the audit use: corrections are
subtracted, and a figure's block is the last that contributed.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.impact.catalogue import Catalogue
from app.impact.entries import METRICS, PROOF_LEVEL_NUMBERS
from app.reporting.figures import Figure, FigureKey

_SIGN = "case when correction then -1 else 1 end"
_METRICS = ", ".join(
    f"coalesce(sum({_SIGN} * (metrics ->> '{name}')::numeric), 0)::bigint" for name in METRICS
)
_NEWEST = text("select max(month) from published_cell")
_TOTALS = text(
    f"select coalesce(sum({_SIGN} * actions), 0)::bigint,"  # noqa: S608 - names of ours alone
    f" coalesce(sum({_SIGN} * reward_cents), 0)::bigint"
    " from published_cell where month >= :since"
)
_FIGURES = text(
    "select programme_chain_id, month, action_type_id, action_type_version, proof_level,"  # noqa: S608
    f" sum({_SIGN} * actions)::bigint, sum({_SIGN} * reward_cents)::bigint,"
    f" max(block_number), {_METRICS}"
    " from published_cell where month >= :since and action_type_id = any(:types)"
    " group by 1, 2, 3, 4, 5"
)


def newest_month(session: Session) -> date | None:
    found: date | None = session.execute(_NEWEST).scalar_one()
    return found


def totals(session: Session, since: date) -> tuple[int, int]:
    """Deeds and cents of all months from `since` on."""
    actions, cents = session.execute(_TOTALS, {"since": since}).one()
    return actions, cents


def figures_since(
    session: Session, catalogue: Catalogue, since: date, action_types: Collection[str]
) -> list[Figure]:
    """Of these kinds of deed, from a month on, in the order of their keys."""
    rows = session.execute(_FIGURES, {"since": since, "types": list(action_types)})
    found = []
    for programme, month, kind, version, proof, actions, cents, block, *metrics in rows:
        number = catalogue.action_type(kind, version).number
        key = FigureKey(
            programme,
            month.year * 100 + month.month,
            number,
            version,
            PROOF_LEVEL_NUMBERS[proof],
        )
        found.append(Figure(key, actions, cents, dict(zip(METRICS, metrics, strict=True)), block))
    return sorted(found, key=lambda figure: figure.key)
