"""Published cells as rows, from final events alone: what every chain-backed figure is read from."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from app.chain.contracts.events import CellPublished, Handlers
from app.impact.catalogue import catalogue
from app.impact.entries import METRICS, PROOF_LEVEL_NUMBERS
from app.reporting.models import PublishedCell

LEVELS = {number: name for name, number in PROOF_LEVEL_NUMBERS.items()}


def cell_published(event: CellPublished, session: Session) -> None:
    cell = event.cell
    kind = catalogue().by_number(cell.action_type_id, cell.action_type_version)
    session.add(
        PublishedCell(
            programme_chain_id=event.programme_id,
            period=event.period,
            position=event.index,
            block_number=event.at.block_number,
            block_hash=event.at.block_hash,
            block_time=event.at.block_time,
            action_type_id=kind.id,
            action_type_version=cell.action_type_version,
            proof_level=LEVELS[cell.proof_level],
            month=date(cell.month // 100, cell.month % 100, 1),
            correction=cell.correction,
            actions=cell.actions,
            reward_cents=cell.reward,
            metrics=dict(zip(METRICS, cell.metrics, strict=True)),
            root=cell.root,
        )
    )
    session.flush()


HANDLERS: Handlers = {CellPublished: cell_published}
