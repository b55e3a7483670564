"""The public's page of seasons: what came in, where it went, the archive of what ended."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from flask import Response, send_file
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.context import db_session, services
from app.endings import returns
from app.errors import NotFound
from app.reporting.archive import FILES
from app.rewards.models import Batch, BatchState, LedgerEntry, Programme, ProgrammeState
from app.rewards.valuing.valuation import funded
from app.security import public
from app.web.public import figures
from app.web.shell import page, state_words
from app.web.words import locale


@figures.blueprint.get("/figures/seasons")
@public
def seasons() -> Response:
    rows = select(Programme).where(col(Programme.token_address).is_not(None))
    found = db_session().scalars(rows.order_by(col(Programme.id).desc())).all()
    return page("figures/seasons.html", seasons=[_shown(db_session(), row) for row in found])


@figures.blueprint.get("/figures/seasons/<slug>/<name>")
@public
def archive(slug: str, name: str) -> Response:
    """A file of a season's archive, by its fixed name."""
    query = select(Programme).where(
        col(Programme.slug) == slug, col(Programme.state) == ProgrammeState.ARCHIVED
    )
    row = db_session().scalars(query).one_or_none()
    if row is None or name not in FILES or not (_folder(row) / name).is_file():
        raise NotFound
    return send_file(_folder(row) / name, as_attachment=True, download_name=f"{slug}-{name}")


def _folder(row: Programme) -> Path:
    return services().settings.archive_folder / row.slug


def _shown(session: Session, row: Programme) -> SimpleNamespace:
    files = [name for name in FILES if (_folder(row) / name).is_file()]
    minted, deeds = _credited(session, row)
    return SimpleNamespace(
        name=row.name[locale()],
        slug=row.slug,
        state=row.state.value,
        state_words=state_words(row.state.value),
        row=row,
        deeds=deeds,
        money=[
            funded(session, row.id),
            minted,
            returns.paid_out_cents(session, row),
            _expired(session, row),
            returns.outstanding_cents(session, row),
            returns.returned_cents(session, row),
        ],
        archive=files if row.state is ProgrammeState.ARCHIVED else [],
    )


def _credited(session: Session, row: Programme) -> tuple[int, int]:
    """Cents and deeds of final batches."""
    query = select(
        func.coalesce(func.sum(col(Batch.reward_cents)), 0),
        func.coalesce(func.sum(col(Batch.action_count)), 0),
    ).where(col(Batch.programme_id) == row.id, col(Batch.state) == BatchState.FINAL)
    minted, deeds = session.execute(query).one()
    return int(minted), int(deeds)


def _expired(session: Session, row: Programme) -> int:
    query = select(func.coalesce(func.sum(-col(LedgerEntry.amount_cents)), 0)).where(
        col(LedgerEntry.programme_chain_id) == row.chain_id, col(LedgerEntry.kind) == "expiry"
    )
    return int(session.scalar(query) or 0)
