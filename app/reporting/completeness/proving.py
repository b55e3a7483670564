"""The proof of completeness: taken at the final block, written to the artefact store, noted.

Every night over all accounts, and before each pay-out over those that moved since; a pay-out that
is to go out waits for one that was begun after it was closed, and holds. One that fails is an alarm
that ends with the next that holds.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import ColumnElement, literal_column, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.edge import Edge, TurnHandler
from app.chain.errors import Reverted
from app.chain.models import ChainCursor
from app.clock import city_day, clock_of
from app.keyfiles import write_private
from app.outbox.leases import Fence
from app.outbox.models import OutboxItem, OutboxState
from app.outbox.service import incident_passed, report_incident
from app.reporting.completeness.comparing import Block, Findings, compare
from app.reporting.completeness.models import CompletenessProof

FORMAT = "civis-completeness/1"
FAILED = "completeness_failed"
TRIED_AGAIN = timedelta(minutes=10)  # after one that failed


def newest(session: Session, *, whole: bool = False) -> CompletenessProof | None:
    """One of a day to come counts as none: the clock was ahead when it was taken."""
    now: ColumnElement[datetime] = literal_column(clock_of(session).sql)
    query = (
        select(CompletenessProof)
        .where(col(CompletenessProof.at) <= now)
        .order_by(col(CompletenessProof.at).desc(), col(CompletenessProof.id).desc())
    )
    if whole:
        query = query.where(col(CompletenessProof.whole))
    return session.scalars(query.limit(1)).first()


def prove_if_due(edge: Edge, fence: Fence, folder: Path) -> CompletenessProof | None:
    """Nothing while there is no reason for one, or nothing was read yet."""
    with edge.database.session() as session:
        now = edge.clock.now(session)
        due = _due(session, now) if session.get(ChainCursor, "final") else None
    return None if due is None else prove(edge, fence, folder, whole=due)


def _due(session: Session, now: datetime) -> bool | None:
    """Whether over all accounts; None: not now."""
    last, whole = newest(session), newest(session, whole=True)
    if last is None or whole is None:
        return True
    if not last.holds:
        return True if now - last.at >= TRIED_AGAIN else None
    if city_day(session, whole.at) < city_day(session, now):
        return True
    waiting = select(col(OutboxItem.id)).where(
        col(OutboxItem.kind) == "pay_out",
        col(OutboxItem.state) == OutboxState.WAITING,
        col(OutboxItem.created_at) >= last.at,
    )
    return False if session.scalar(waiting.limit(1)) else None


def prove(edge: Edge, fence: Fence, folder: Path, *, whole: bool) -> CompletenessProof:
    """Taken now, whatever it comes to. Raises a ChainError where no node can say: none is noted."""
    with edge.database.session() as session:
        begun = edge.clock.now(session)
        final = session.get_one(ChainCursor, "final")
        before = newest(session)
    block = Block(final.number, final.hash)
    whole = whole or before is None or not before.holds
    found = compare(edge, fence, block, None if whole or before is None else before.block_number)
    content = json.dumps(_content(edge, block, found, begun, whole=whole), indent=1)
    name = f"completeness-{block.number}-{begun:%Y%m%dT%H%M%S%fZ}.json"
    write_private(folder / name, content)
    proof = CompletenessProof(
        at=begun,
        block_number=block.number,
        block_hash=block.hash,
        whole=whole,
        holds=not found.differences,
        accounts=found.accounts,
        difference=_said(found),
        artefact=name,
        sha256=hashlib.sha256(content.encode()).digest(),
    )
    with edge.database.transaction() as session:
        fence.check(session)
        session.add(proof)
        _tell(session, proof, edge.clock.now(session))
    return proof


def _tell(session: Session, proof: CompletenessProof, now: datetime) -> None:
    if proof.holds:
        incident_passed(session, code=FAILED, now=now)
        return
    detail = f"block {proof.block_number}: {proof.difference}; pay-outs wait; see {proof.artefact}"
    report_incident(session, code=FAILED, detail=detail, now=now)


def proven_first(session: Session, item: OutboxItem) -> None:
    """A pay-out's turn has come. Raises Reverted, which lets it wait and says why."""
    proof = newest(session)
    if proof is None or proof.at < _since(session, item.created_at):
        raise Reverted("CompletenessUnproven", {"because": "our books are held to the chain first"})
    if not proof.holds:
        why = f"at block {proof.block_number} they differ: {proof.difference}"
        raise Reverted("CompletenessUnproven", {"because": why})


def _since(session: Session, closed_at: datetime) -> datetime:
    """When a proof for what was closed then may have begun; a recent one, where the clock was
    ahead."""
    now = clock_of(session).now(session)
    return closed_at if closed_at <= now else now - TRIED_AGAIN


def why_pay_outs_wait(session: Session, closed_at: datetime) -> Literal["differ", "unproven", ""]:
    """What was closed then goes out only once our books were held to the chain, and agree."""
    proof = newest(session)
    if proof is not None and not proof.holds:
        return "differ"
    return "unproven" if proof is None or proof.at < _since(session, closed_at) else ""


ON_TURN: dict[str, TurnHandler] = {"pay_out": proven_first}


def _said(found: Findings) -> str | None:
    if not found.differences:
        return None
    first = found.differences[0]
    more = f", and {len(found.differences) - 1} more" if len(found.differences) > 1 else ""
    return f"{first['what']}: ours {first['ours']}, the chain's {first['chain']}{more}"


def _content(
    edge: Edge, block: Block, found: Findings, begun: datetime, *, whole: bool
) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "taken": begun.astimezone(UTC).isoformat(),
        "chain_id": edge.client.chain_id,
        "genesis_hash": f"0x{edge.client.genesis_hash.hex()}",
        "block": {"number": block.number, "hash": f"0x{block.hash.hex()}"},
        "registry": edge.addresses["ActionRegistry"],
        "accounts": "all" if whole else "those that moved since the proof before",
        "compared": found.accounts,
        **found.figures,
        "programmes": found.programmes,
        "holds": not found.differences,
        "differences": found.differences,
    }
